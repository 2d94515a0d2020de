// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAULT-4: a process that may open no more files is told so, loses nothing, and can go on when it may again. */
class OpenFilesTest {

    private static final int MOST = 40;

    @TempDir
    Path directory;

    @Test
    void tooManyAreSaidToBeTooMany() throws Exception {
        Child.End end = new Child()
                .under("sh", "-c", "ulimit -n 256 && exec \"$@\"", "sh")
                .run(getClass(), "opensWithFewLeft", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void opensWithFewLeft(Path data) throws Exception {
        OpenFiles.loadClassesBeside(RocksDbStorageProvider.class);
        OpenFiles.loadClassesBeside(StorageBackend.class);
        try (StorageBackend backend = Stores.open(data)) { // and with it the native library
            backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 100)));
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
        boolean failed = false;
        boolean opened = false;
        for (int left = 0; left < MOST && !opened; left++) {
            OpenFiles others = OpenFiles.takeAllBut(left);
            try {
                Stores.open(data, Map.of(), 1, left % 2 == 0).close();
                opened = true;
            } catch (IOException e) {
                failed = true;
                assertThat(e.toString()).contains(data.toString()).containsIgnoringCase("too many open files");
            } finally {
                others.close();
            }
        }
        assertThat(failed && opened).isTrue();
        try (StorageBackend backend = Stores.open(data, Map.of(), 1, false)) {
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
    }
}
