// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import com.kenai.jffi.MemoryIO;
import dev.mooring.spi.Shielded;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import org.lmdbjava.Env;

/** Loads LMDB and what calls it, and says what to do where that fails. */
final class NativeLibrary {

    private static final String UNSAFE_DISABLED = "jffi.unsafe.disabled";
    private static final int FIRST_VERSION_THAT_WARNS_OF_UNSAFE = 24; // JEP 498; a later one denies it

    private NativeLibrary() {}

    /** On a thread of its own: an interrupt while the classes start would make them unusable for good. */
    static void load() throws IOException {
        try {
            Shielded.call("mooring-lmdb-loader", NativeLibrary::start);
        } catch (LinkageError | RuntimeException | IOException e) {
            throw new StorageException.Refused(
                    "LMDB's native library can not be loaded on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ", Java " + System.getProperty("java.version") + ": "
                            + firstLine(rootOf(e)) + ". If native access is denied, start java with"
                            + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow; if the temporary"
                            + " directory forbids execution, set -Dlmdbjava.extract.dir and -Djffi.extract.dir to one that"
                            + " does not; on a Linux with musl, such as Alpine, install 'gcompat'; if the jar does not cover"
                            + " the platform, name an installed LMDB with -Dlmdbjava.native.lib, or choose another backend such as 'files'",
                    e);
        }
    }

    private static Class<?> start() throws ClassNotFoundException {
        // lmdbjava looks for the library with whatever class loader the thread carries, which may be none or one that
        // does not see it
        Thread.currentThread().setContextClassLoader(Env.class.getClassLoader());
        chooseMemoryAccess();
        Env.create(MapBuffers.INSTANCE).setMaxReaders(1); // touches nothing but the classes
        return Class.forName("org.lmdbjava.Library", true, Env.class.getClassLoader());
    }

    /**
     * Where sun.misc.Unsafe is about to be denied, jffi is told not to use it while it starts; afterwards the property is as
     * it was. A jffi that has started already keeps what it has.
     */
    private static void chooseMemoryAccess() {
        boolean ours = Runtime.version().feature() >= FIRST_VERSION_THAT_WARNS_OF_UNSAFE
                && System.getProperty(UNSAFE_DISABLED) == null;
        if (ours) {
            System.setProperty(UNSAFE_DISABLED, "true");
        }
        try {
            MemoryIO.getInstance();
        } finally {
            if (ours) {
                System.clearProperty(UNSAFE_DISABLED);
            }
        }
    }

    /** jffi puts a whole stack trace into its message. */
    private static String firstLine(Throwable thrown) {
        return thrown.toString().lines().findFirst().orElse("").strip();
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }
}
