// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that are stored in parts, when a part is not what it was. */
class EntryStoreTest {

    @TempDir
    Path directory;

    @Test
    void partsOfAnEntryThatDoNotFitTogetherAreFound() throws IOException { // DAMAGE-1, DAMAGE-4
        BackendContext context = Backends.context(directory, Map.of("file-bytes", "256KiB"), 0, true);
        OpenEnvironment engine = OpenEnvironment.open(context);
        try (StorageBackend backend = new OrderedBackend(context, engine)) {
            backend.load();
            backend.saveEntries(1, List.of(Backends.run("g", 0, 2, 100_000)));
            inLog(engine, (log, txn) -> {
                try (Cursor cursor = log.openCursor(txn)) {
                    cursor.getLast();
                    cursor.deleteCurrent();
                }
            });
            assertThatThrownBy(() -> Backends.read(backend, "g", 1, 1))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("of 100000 bytes are there");
            inLog(
                    engine,
                    (log, txn) -> log.put(txn, new ArrayByteIterable(new byte[8]), new ArrayByteIterable(new byte[3])));
            assertThatThrownBy(() -> Backends.read(backend, "g", 0, 0))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("its first part has 3 bytes");
        }
    }

    @Test
    void aRangeIsDeletedToItsEndAndNoFurther() throws IOException { // LOG-3, REL-1
        BackendContext context = Backends.context(directory, Map.of("file-bytes", "256KiB"), 0, true);
        OpenEnvironment engine = OpenEnvironment.open(context);
        try (StorageBackend backend = new OrderedBackend(context, engine)) {
            backend.load();
            backend.saveEntries(1, List.of(Backends.run("g", 0, 5000, 10))); // many pages
            backend.saveEntries(2, List.of(Backends.run("g", 5000, 4, 100_000))); // four parts each
            inLog(engine, (log, txn) -> {
                EntryStore entries = new EntryStore(log, txn, 256 << 10);
                assertThat(entries.delete(0, 4000, 3000)).isEqualTo(3000);
                assertThat(entries.first(0)).isEqualTo(3000);
                assertThat(entries.delete(0, 4000, 3000)).isEqualTo(1000);
                assertThat(entries.delete(0, 4000, 3000)).isZero();
                assertThat(entries.delete(4990, 5001, 20)).isEqualTo(11);
                assertThat(entries.delete(5001, 9000, 2)).isEqualTo(2);
                assertThat(log.count(txn)).isEqualTo(990 + 4);
            });
            assertThat(Backends.read(backend, "g", 4000, 4989)).hasSize(990);
            assertThat(Backends.read(backend, "g", 5003, 5003)).hasSize(1);
        }
    }

    private static void inLog(OpenEnvironment engine, BiConsumer<Store, Transaction> change) {
        engine.environment.executeInTransaction(
                txn -> change.accept(engine.environment.openStore("log-1", StoreConfig.WITHOUT_DUPLICATES, txn), txn));
    }
}
