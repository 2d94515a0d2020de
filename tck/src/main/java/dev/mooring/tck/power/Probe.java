// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.HardState;
import dev.mooring.spi.Update;
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
        return bytes >= payload.length ? "" : "its files are not on the file system that its path belongs to";
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
