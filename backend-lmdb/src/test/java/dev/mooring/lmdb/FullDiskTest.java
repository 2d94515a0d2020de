// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small one, mounted for a child alone. */
class FullDiskTest {

    @TempDir
    Path directory;

    @Test
    void isSaidToBeFullAndLosesNothing() throws Exception { // FAULT-3
        assumeTrue(
                new ProcessBuilder("unshare", "-Urm", "mount", "-t", "tmpfs", "none", directory.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a child may not mount a file system of its own");
        String mountAndRun = "mount -t tmpfs -o size=6m none " + directory + " && exec \"$@\"";
        Child.End end = new Child()
                .under("unshare", "-Urm", "sh", "-c", mountAndRun, "sh")
                .run(getClass(), "fillsTheDisk", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void fillsTheDisk(Path disk) throws IOException {
        writesNothing(disk, disk.resolve("data"));
        for (int payloadBytes : new int[] {100, 5_000, 300_000}) { // LMDB's writes end short, or do not begin
            fillsTheDisk(disk, disk.resolve("data-" + payloadBytes), payloadBytes);
        }
    }

    private static void writesNothing(Path disk, Path data) throws IOException {
        Path filler = disk.resolve("filler");
        StorageBackend backend = Stores.open(data);
        assertThatThrownBy(() -> {
                    try (OutputStream out = Files.newOutputStream(filler)) {
                        while (true) {
                            out.write(new byte[4096]);
                        }
                    }
                })
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 3_000))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the disk is full");
        backend.close();
        Files.delete(filler);
        delete(data);
    }

    private static void fillsTheDisk(Path disk, Path data, int payloadBytes) throws IOException {
        Path filler = disk.resolve("filler");
        Files.write(filler, new byte[1 << 20]);
        StorageBackend backend = Stores.open(data);
        long[] saved = {0};
        assertThatThrownBy(() -> {
                    while (true) {
                        backend.saveEntries(saved[0] + 1, List.of(Stores.run("g", 10 * saved[0], 10, payloadBytes)));
                        saved[0]++;
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the disk is full");
        assertThat(Stores.read(backend, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved[0]));
        backend.close();
        Files.delete(filler);
        try (StorageBackend again = Stores.open(data, Map.of(), saved[0], false)) {
            again.saveEntries(saved[0] + 1, List.of(Stores.run("g", 10 * saved[0], 1, payloadBytes)));
            assertThat(Stores.read(again, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved[0] + 1));
        }
        delete(data);
    }

    private static void delete(Path data) throws IOException {
        for (String name : List.of("data.mdb", "lock.mdb")) {
            Files.delete(data.resolve(name));
        }
    }
}
