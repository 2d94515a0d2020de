// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LIFE-3: RocksDB's native code does not survive a call after close, and with it the process. */
class ClosedTest {

    @TempDir
    Path directory;

    @Test
    void isNotUsedAfterClose() throws Exception {
        Child.End end = new Child().run(getClass(), "usesAClosedBackend", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void usesAClosedBackend(Path data) throws IOException {
        StorageBackend backend = Stores.open(data);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 100)));
        backend.close();
        assertThatThrownBy(() -> Stores.read(backend, "g", 0, 9)).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> backend.saveEntries(2, List.of(Stores.run("g", 10, 1, 100))))
                .isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> backend.drop(2, "g")).isInstanceOf(StorageException.Failed.class);
        backend.close();
    }
}
