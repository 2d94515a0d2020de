// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Creates a provider in a JVM where nothing else has happened, and says what that has left behind. */
final class ProviderChild {

    static final String THREAD = "thread ";
    static final String LIBRARY = "library ";
    static final String FILE = "file ";

    private ProviderChild() {}

    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        Set<String> libraries = libraries();
        try {
            StorageProvider provider = KillChild.provider(arguments[0]);
            Plug plug = new Plug(provider, KillChild.options(arguments, 1));
            System.out.println("name " + provider.name() + " guarantees " + plug.guarantees());
        } catch (NoSuchMethodException | ClassNotFoundException | NoClassDefFoundError e) {
            System.err.println(e);
            System.exit(KillChild.CAN_NOT_MAKE_PROVIDER);
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!threads.contains(thread) && !LifeRules.isOfTheJvm(thread)) {
                System.out.println(THREAD + thread.getName());
            }
        }
        for (String library : libraries()) {
            if (!libraries.contains(library)) {
                System.out.println(LIBRARY + library);
            }
        }
    }

    /** Native libraries in this process that are not the JDK's own; empty where they can not be listed. */
    private static Set<String> libraries() throws IOException {
        Set<String> found = new TreeSet<>();
        Path maps = Path.of("/proc/self/maps");
        if (Files.isReadable(maps)) {
            String home =
                    Path.of(System.getProperty("java.home", "")).toRealPath().toString();
            for (String line : Files.readAllLines(maps)) {
                int path = line.indexOf('/');
                if (path >= 0 && line.contains(".so") && !line.startsWith(home, path)) {
                    found.add(line.substring(path));
                }
            }
        }
        return found;
    }
}
