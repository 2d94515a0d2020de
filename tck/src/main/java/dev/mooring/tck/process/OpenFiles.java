// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.process;

import java.io.Closeable;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes all the files that a {@link Child} may open, but for a few: {@code sh -c "ulimit -n 256 && exec ..."} says how many it
 * may. For a class that opens files by native code, which the simulated disk does not see. Used by one thread.
 */
public final class OpenFiles implements Closeable {

    private static final int NO_LIMIT = 10_000;

    private final Deque<Closeable> taken = new ArrayDeque<>();

    private OpenFiles() {}

    /**
     * Takes them.
     *
     * @param left how many may be opened still
     * @return what gives them back when it is closed
     * @throws IOException if a file can not be closed
     * @throws AssertionError if this process may open as many as it likes
     */
    public static OpenFiles takeAllBut(int left) throws IOException {
        OpenFiles files = new OpenFiles();
        boolean isFull = false;
        while (!isFull) {
            try {
                files.taken.push(FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ));
            } catch (IOException full) {
                isFull = true;
            }
            if (files.taken.size() == NO_LIMIT) {
                files.close();
                throw new AssertionError("this process may open " + NO_LIMIT + " files");
            }
        }
        for (int i = 0; i < left && !files.taken.isEmpty(); i++) {
            files.taken.pop().close();
        }
        return files;
    }

    /**
     * Loads all classes that lie beside this one: in a build they are files, and to load one takes one more.
     *
     * @param one any of them
     * @throws IOException if they can not be listed
     * @throws ReflectiveOperationException if one can not be loaded
     */
    public static void loadClassesBeside(Class<?> one) throws IOException, ReflectiveOperationException {
        Path root;
        try {
            root = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (!Files.isDirectory(root)) {
            return; // a jar is open already
        }
        List<Path> classes;
        try (Stream<Path> files = Files.walk(root)) {
            classes = files.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (Path file : classes) {
            String name = root.relativize(file)
                    .toString()
                    .replace(file.getFileSystem().getSeparator(), ".");
            if (!name.startsWith("module-info") && !name.contains("-")) {
                Class.forName(name.substring(0, name.length() - ".class".length()));
            }
        }
    }

    @Override
    public void close() throws IOException {
        while (!taken.isEmpty()) {
            taken.pop().close();
        }
    }
}
