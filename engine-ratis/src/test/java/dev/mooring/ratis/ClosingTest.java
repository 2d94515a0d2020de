// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.mooring.StorageObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LIFE-3 as Ratis sees it: who has closed a division may delete its directory, or open it again. */
class ClosingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path root;

    @Test
    void whoClosesALogThatSomebodyElseClosesWaitsUntilItIsClosed() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            MooringRaftLog log = server.open();
            Semaphore storage = server.provider().holdClose();
            try {
                CompletableFuture<Void> first = CompletableFuture.runAsync(() -> close(log));
                await().atMost(PATIENCE).until(storage::hasQueuedThreads);

                CompletableFuture<Void> second = CompletableFuture.runAsync(() -> close(log));

                await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> !second.isDone());
                storage.release();
                assertThat(first).succeedsWithin(PATIENCE);
                assertThat(second).succeedsWithin(PATIENCE);
            } finally {
                server.provider().letGo();
            }
        }
    }

    @Test
    void aLogThatIsClosedWhileItOpensLeavesNothingOpen() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            AtomicReference<RaftServer> starting = new AtomicReference<>();
            server.servers.newStateMachine = groupId -> new CounterStateMachine() {
                @Override
                public void initialize(RaftServer raftServer, RaftGroupId id, RaftStorage storage) throws IOException {
                    starting.set(raftServer);
                    super.initialize(raftServer, id, storage);
                }
            };
            server.servers.observers = groupId -> new StorageObserver() {
                @Override
                public void recovered(Recovery recovery) {
                    RaftServer now = starting.getAndSet(null);
                    if (now != null) {
                        close(log(now));
                    }
                }
            };
            assertThatThrownBy(server::open).hasStackTraceContaining("CLOSED");

            server.servers.observers = null;
            server.open(); // would find it locked
            server.term(1);
            server.append(IdleServer.entries(1, 0, 1));
        }
    }

    /** A division that has failed stays in its server's map, and would keep its entries in memory. */
    @Test
    void aLogThatIsClosedHoldsNoEntriesAndDoesNotSayThatItHasNone() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            MooringRaftLog log = server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 4));

            log.close();

            assertThatThrownBy(() -> log.get(3)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> log.getTermIndex(3)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> log.getEntries(0, 5)).isInstanceOf(IllegalStateException.class);
        }
        ParsedTail tail = new ParsedTail(Long.MAX_VALUE);
        IdleServer.entries(1, 0, 99).forEach(tail::add);
        tail.clear();
        assertThat(tail.get(0)).isNull();
        assertThat(tail.get(99)).isNull();
        tail.add(IdleServer.entry(2, 7)); // as one that was on its way
        assertThat(tail.get(7)).isEqualTo(IdleServer.entry(2, 7));
    }

    private static RaftLog log(RaftServer server) {
        try {
            return server.getDivision(Servers.GROUP).getRaftLog();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(RaftLog log) {
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
