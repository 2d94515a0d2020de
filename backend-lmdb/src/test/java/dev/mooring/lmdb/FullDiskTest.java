// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
        opensWithoutSpace(disk, disk.resolve("data"));
        writesNothing(disk, disk.resolve("data"));
        for (int payloadBytes : new int[] {100, 5_000, 300_000}) { // LMDB's writes end short, or do not begin
            fillsTheDisk(disk, disk.resolve("data-" + payloadBytes), payloadBytes);
        }
    }

    /** Neither LMDB's table of readers nor its file finds room, or only one of them does. */
    private static void opensWithoutSpace(Path disk, Path data) throws IOException {
        for (int freeBytes = 0; freeBytes <= 1 << 15; freeBytes += 4096) {
            Path filler = fill(disk, freeBytes);
            try {
                Stores.open(data).close();
            } catch (IOException full) {
                assertThat(full).hasMessageContaining(disk.toString());
            }
            try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
                assertThat(handles.filter(handle -> isOfData(handle, data))).isEmpty();
            }
            Files.delete(filler);
            delete(data);
        }
    }

    private static boolean isOfData(Path handle, Path data) {
        try {
            return Files.readSymbolicLink(handle).startsWith(data.resolve("data.mdb"));
        } catch (IOException isGone) {
            return false;
        }
    }

    /** Leaves this much free. */
    private static Path fill(Path disk, long freeBytes) throws IOException {
        Path filler = disk.resolve("filler");
        try (FileChannel channel = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> {
                        while (true) {
                            channel.write(ByteBuffer.allocate(4096));
                        }
                    })
                    .isInstanceOf(IOException.class);
            channel.truncate(channel.size() - freeBytes);
        }
        return filler;
    }

    private static void writesNothing(Path disk, Path data) throws IOException {
        for (int payloadBytes : new int[] {3_000, 300_000}) { // what fits into the file, and what it has to grow for
            writesNothing(disk, data, payloadBytes);
        }
    }

    private static void writesNothing(Path disk, Path data, int payloadBytes) throws IOException {
        StorageBackend backend = Stores.open(data);
        Path filler = fill(disk, 0);
        assertThatThrownBy(() -> backend.saveEntries(1, List.of(Stores.run("g", 0, 10, payloadBytes))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("change 1 can not be saved")
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
            Files.deleteIfExists(data.resolve(name));
        }
    }
}
