// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.HardState;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds out whether a backend stays on the file system of the path that it is given. */
public final class Probe {

    private static final int STEPS = 36;

    private Probe() {}

    /** Why the backend can not be run on a simulated disk; empty if it can. */
    public static String obstacle(CoreSubject subject) throws IOException {
        Path real = Path.of("/" + CoreSubject.DIRECTORY);
        boolean wasThere = Files.exists(real);
        String obstacle = run(subject);
        if (!wasThere && Files.exists(real)) {
            delete(real);
            return "it wrote to the real file system instead of the one that its path belongs to";
        }
        return obstacle;
    }

    private static String run(CoreSubject subject) {
        SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.JOURNALLED);
        byte[] payload = Payloads.bytes(1, 2000);
        try (Subject.Session session = subject.open(disk.root())) {
            session.saveEntries(
                    1,
                    List.of(new Update(
                            "a", null, List.of(Payloads.entry("a", 1, 1, payload)), new HardState(1, null, -1), null)));
        } catch (IOException | RuntimeException | LinkageError e) {
            return "it does not open on a file system other than the default one: " + e;
        }
        long bytes = disk.image().files().entrySet().stream()
                .filter(file -> file.getKey().startsWith("/" + CoreSubject.DIRECTORY + "/data/"))
                .mapToLong(file -> file.getValue())
                .sum();
        return bytes >= payload.length
                ? refused(subject)
                : "its files are not on the file system that its path belongs to";
    }

    /** What a whole script with its reads and its recovery asks of a file system that a simulated one does not have. */
    private static String refused(CoreSubject subject) {
        SimulatedDisk disk = SimulatedDisk.create(2, DiskModel.JOURNALLED);
        Workload workload = new Workload(1, STEPS, subject);
        String refused = refused(() -> {
            try (Subject.Session session = subject.open(disk.root())) {
                workload.run(disk, session, 1);
                session.picture();
            }
        });
        if (!refused.isEmpty()) {
            return refused;
        }
        SimulatedDisk killed =
                CrashExplorer.of(disk.recording()).kill(disk.recording().length() / 2);
        return refused(() -> {
            try (Subject.Session session = subject.open(killed.root())) {
                session.picture();
            }
        });
    }

    private interface Use {
        void run() throws IOException;
    }

    private static String refused(Use use) {
        try {
            use.run();
            return "";
        } catch (IOException | RuntimeException | Error e) {
            return missing(e); // whatever else it is, the rules find it
        }
    }

    /** What a backend asked for that a simulated disk does not have; empty if this was thrown for another reason. */
    public static String missing(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsupportedOperationException && isOfTheFileSystem(cause.getStackTrace())) {
                return "it needs what a simulated one does not have: " + cause + " in " + cause.getStackTrace()[0];
            }
        }
        return "";
    }

    private static boolean isOfTheFileSystem(StackTraceElement[] frames) {
        return frames.length > 0
                && (frames[0].getClassName().startsWith(SimulatedDisk.class.getPackageName())
                        || frames[0].getClassName().startsWith(Path.class.getPackageName()));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
