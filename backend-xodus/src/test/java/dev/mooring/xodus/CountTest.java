// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.spi.ordered.OrderedBackend;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Xodus' count of what is alive in each file, for which its cleaner reads the whole log. */
class CountTest {

    private static final Map<String, String> SMALL = Map.of("file-bytes", "256KiB", "cache-bytes", "4MiB");
    private static final int SAVES = 60;

    private final SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.JOURNALLED);
    private final Path directory = disk.root().resolve("data");
    private int files;

    /** Three logs, each with a third of every file. */
    @BeforeEach
    void fill() throws IOException {
        try (StorageBackend backend = Backends.open(directory, SMALL, 0, true)) {
            for (int i = 0; i < SAVES; i++) {
                List<Update> updates = List.of(
                        Backends.run("g", 10L * i, 10, 4_000),
                        Backends.run("h", 10L * i, 10, 4_000),
                        Backends.run("i", 10L * i, 10, 4_000));
                backend.saveEntries(i + 1, updates);
            }
        }
        files = LogFiles.list(directory).size();
    }

    @Test
    void aCloseEndsIt() throws Exception { // LIFE-3
        AtomicInteger reads = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        disk.inject(new Fault(Operation.READ, path -> slows(reads, begun), 1, 1, Failure.EIO));
        StorageBackend backend = Backends.open(directory, SMALL, SAVES, false);
        assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
        int before = reads.get();
        backend.close();
        assertThat(reads.get() - before).isLessThan(20); // of about a hundred, one for each page of 64 KiB
    }

    private static boolean slows(AtomicInteger reads, CountDownLatch begun) {
        if (isTheCleaner()) {
            reads.incrementAndGet();
            begun.countDown();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return false;
    }

    @Test
    void whatWasNotCountedToItsEndIsCountedAfterTheNextOpening() throws Exception { // REL-3
        try (StorageBackend backend = Backends.open(directory, SMALL, SAVES, true)) {
            backend.saveEntries(SAVES + 1, List.of(new Update("g", 0L, List.of(), null, null)));
        }
        BackendContext context = Backends.context(directory, SMALL, SAVES + 1, false);
        OpenEnvironment engine = OpenEnvironment.open(context);
        try (StorageBackend backend = new OrderedBackend(context, engine)) {
            disk.inject(new Fault(Operation.READ, path -> isTheCleaner(), 1, 1, Failure.EIO));
            backend.load();
            engine.environment.getGC().waitForPendingGC();
            backend.saveEntries(SAVES + 2, List.of(new Update("h", 0L, List.of(), null, null)));
        }
        try (StorageBackend backend = Backends.open(directory, SMALL, SAVES + 2, true)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (LogFiles.list(directory).size() > files * 3 / 4 && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(LogFiles.list(directory)).hasSizeLessThanOrEqualTo(files * 3 / 4);
            assertThat(Backends.read(backend, "i", 0, 1000)).hasSize(10 * SAVES);
        }
    }

    private static boolean isTheCleaner() {
        return Thread.currentThread().getName().contains("background cleaner");
    }
}
