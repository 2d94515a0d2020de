// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.ready.Component;
import dev.mooring.ready.ReadyStorage;
import dev.mooring.ready.UnavailableException;
import dev.mooring.spi.HardState;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The facade keeps what etcd's Storage promises, and what its page says. */
class ReadyStorageTest extends CoreTest {

    private final Text rid = new Text();
    private final Text scd = new Text();

    /** A component whose state is a text. */
    private static final class Text implements Component {
        String text = "";
        boolean broken;

        @Override
        public void save(OutputStream section) throws IOException {
            section.write(text.getBytes(UTF_8));
            if (broken) {
                throw new IOException("it does not work");
            }
        }

        @Override
        public void restore(InputStream section) throws IOException {
            text = new String(section.readAllBytes(), UTF_8);
        }
    }

    @Override
    StorageConfig config() {
        return super.config()
                .with("mooring.snapshot.interval-entries", "10")
                .with("mooring.snapshot.catch-up-entries", "5")
                .with("mooring.snapshot.retain", "1");
    }

    private ReadyStorage load() throws IOException {
        return load("rid", "scd");
    }

    private ReadyStorage load(String first, String second) throws IOException {
        return ReadyStorage.load(group(), config(), Map.of(first, rid, second, scd));
    }

    @Test
    void theCommitIndexOfAnEmptyLogIsZeroAndNoEntryIsThere() throws IOException {
        ReadyStorage node = load();
        node.handleReady(null, new HardState(1, "n1", 0), List.of());
        assertThat(load().initialState().hardState()).isEqualTo(new HardState(1, "n1", 0));
        List<LogEntry> atZero = List.of(LogEntry.of(0, 1, new byte[1]));
        assertThatThrownBy(() -> node.handleReady(null, null, atZero))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Group '", "index 0", "begin at 1");
    }

    @Test
    void aNewNodeIsEmptyAndOneThatSavedIsNot() throws IOException {
        ReadyStorage fresh = load();
        assertThat(fresh.existed()).isFalse();
        assertThat(fresh.firstIndex()).isEqualTo(1);
        assertThat(fresh.lastIndex()).isZero();
        assertThat(fresh.term(0)).isZero();
        assertThat(fresh.initialState().hardState()).isEqualTo(new HardState(0, null, 0));
        reopen();
        assertThat(load().existed()).isFalse(); // what counts is what was saved
        load().handleReady(null, new HardState(1, "n1", 0), List.of());
        reopen();
        assertThat(load().existed()).isTrue();
        assertThat(load().initialState().hardState().votedFor()).isEqualTo("n1");
    }

    /** The caller's buffer is copied, not used up: an engine passes the same one with every snapshot. */
    @Test
    void theConfigurationOfEverySnapshotIsWhole() throws IOException {
        ByteBuffer configuration = bytes("n1 n2 n3");
        load().handleReady(null, new HardState(1, null, 20), run(1, 20, 1));
        for (long index : new long[] {10, 20}) {
            load().takeSnapshot(index, configuration);
            assertThat(load().initialState().configuration()).isEqualTo(bytes("n1 n2 n3"));
        }
    }

    @Test
    void aComponentWhoseNameCanNotNameASectionIsRefusedBeforeAnythingIsSaved() {
        assertThatThrownBy(() -> load("flight data", "scd"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("flight data");
        assertThatThrownBy(() -> load("rid", "RID"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rid")
                .hasMessageContaining("RID");
    }

    @Test
    void whatDoesNotExistYetIsUnavailableAndWhatWasReleasedCompacted() throws IOException {
        ReadyStorage storage = load();
        assertThatThrownBy(() -> storage.entries(0, 0, 1)).isInstanceOf(StorageException.Compacted.class);
        assertThatThrownBy(storage::snapshot).isInstanceOf(UnavailableException.class);
        storage.handleReady(null, new HardState(1, null, 20), run(1, 20, 1));
        assertThatThrownBy(() -> storage.term(21)).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> storage.entries(20, 21, 1000)).isInstanceOf(UnavailableException.class);
        assertThat(storage.triggerSnapshot(9, bytes("n1"))).isFalse(); // not due
        assertThat(storage.triggerSnapshot(20, bytes("n1"))).isTrue();
        assertThat(storage.firstIndex()).isEqualTo(16);
        assertThatThrownBy(() -> storage.entries(15, 20, 1000)).isInstanceOf(StorageException.Compacted.class);
        assertThatThrownBy(() -> storage.term(14)).isInstanceOf(StorageException.Compacted.class);
    }

    /** etcd: the term of the entry before the first one is retained for matching purposes. */
    @Test
    void theTermBeforeTheFirstEntryIsKnownAlsoAfterARestart() throws IOException {
        load().handleReady(null, new HardState(2, null, 20), run(1, 20, 2));
        load().triggerSnapshot(20, bytes("n1"));
        assertThat(load().term(load().firstIndex() - 1)).isEqualTo(2);
        reopen();
        ReadyStorage again = load();
        assertThat(again.term(again.firstIndex() - 1)).isEqualTo(2);
        assertThat(again.entries(again.firstIndex(), 20, 1_000_000)).hasSize((int) (21 - again.firstIndex()));
    }

    @Test
    void theComponentsComeBackFromTheSnapshotWithItsConfiguration() throws IOException {
        ReadyStorage storage = load();
        storage.handleReady(null, new HardState(1, null, 10), run(1, 10, 1));
        rid.text = "flights";
        scd.text = "plans";
        storage.takeSnapshot(10, bytes("n1,n2"));
        rid.text = "";
        scd.text = "";
        reopen();
        assertThat(load().initialState().configuration()).isEqualTo(bytes("n1,n2"));
        assertThat(rid.text).isEqualTo("flights");
        assertThat(scd.text).isEqualTo("plans");
    }

    @Test
    void aComponentThatFailsSavesAndReleasesNothing() throws IOException {
        ReadyStorage storage = load();
        storage.handleReady(null, new HardState(1, null, 10), run(1, 10, 1));
        scd.broken = true;
        assertThatThrownBy(() -> storage.takeSnapshot(10, bytes("n1"))).hasMessage("it does not work");
        assertThat(group().snapshots()).isEmpty();
        assertThat(storage.firstIndex()).isEqualTo(1);
    }

    /** The reading calls may come from any thread while the loop appends and truncates. */
    @Test
    void whatComesAndGoesUnderAReadingCallIsSaidAsItIs() throws IOException {
        group().saveEntries(term(1), run(1, 10, 1));
        ReadyStorage growing = readingWhile("term", () -> group().append(run(11, 11, 1)));
        assertThat(growing.term(11)).isEqualTo(1);
        ReadyStorage shrinking = readingWhile("lastIndex", () -> group().truncateFrom(6));
        assertThatThrownBy(() -> shrinking.entries(5, 11, 1000)).isInstanceOf(UnavailableException.class);
        ReadyStorage changing = readingWhile("lastIndex", () -> {
            group().truncateFrom(5);
            group().append(run(5, 5, 1));
        });
        assertThat(changing.entries(3, 5, 1000)).hasSize(3);
    }

    @Test
    @Timeout(20)
    void nothingOfANewLogIsNothing() throws IOException {
        ReadyStorage storage = load();
        assertThat(storage.entries(storage.firstIndex(), storage.lastIndex(), 1000))
                .isEmpty();
        assertThatThrownBy(() -> storage.entries(3, 0, 1000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLimitEndsTheListButNotBeforeTheFirstEntry() throws IOException {
        ReadyStorage storage = load();
        storage.handleReady(null, new HardState(1, null, 0), run(1, 9, 1));
        assertThat(storage.entries(3, 9, 0)).isEqualTo(run(3, 3, 1));
        int bytes = payload(3, 1).length; // as have the others
        assertThat(storage.entries(3, 9, 4 * bytes)).isEqualTo(run(3, 6, 1));
        assertThat(storage.entries(3, 9, 5 * bytes - 1)).isEqualTo(run(3, 6, 1));
    }

    /** etcd asks for the beginning first: who is told that it was released sends the snapshot. */
    @Test
    void whatWasReleasedIsCompactedAlsoWhereTheLogIsShorterNow() throws IOException {
        ReadyStorage storage = load();
        storage.handleReady(null, new HardState(2, null, 7), run(1, 10, 1));
        group().recordSnapshot(8, 2);
        assertThat(storage.lastIndex()).isEqualTo(8);
        assertThatThrownBy(() -> storage.entries(5, 10, 1000)).isInstanceOf(StorageException.Compacted.class);
    }

    private interface Change {
        void run() throws IOException;
    }

    /** A facade under which the log changes once, right after the group has answered this call. */
    private ReadyStorage readingWhile(String call, Change change) throws IOException {
        RaftGroup real = group();
        boolean[] armed = new boolean[1];
        RaftGroup changing = (RaftGroup) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RaftGroup.class}, (proxy, method, arguments) -> {
                    try {
                        Object answer = method.invoke(real, arguments);
                        if (armed[0] && method.getName().equals(call)) {
                            armed[0] = false;
                            change.run();
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        ReadyStorage storage = ReadyStorage.load(changing, config(), Map.of("rid", rid, "scd", scd));
        armed[0] = true;
        return storage;
    }

    @Test
    void aSnapshotWithOtherSectionsIsRefusedBeforeAnythingIsChanged() throws IOException {
        load().handleReady(null, new HardState(1, null, 10), run(1, 10, 1));
        rid.text = "flights";
        load().takeSnapshot(10, bytes("n1"));
        rid.text = "untouched";
        assertThatThrownBy(() -> load("rid", "aux"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("rid")
                .hasMessageContaining("scd")
                .hasMessageContaining("aux");
        assertThat(rid.text).isEqualTo("untouched");
    }

    /** A received snapshot of a later term comes with that term, in one change. */
    @Test
    void aReceivedSnapshotIsSavedTogetherWithItsTerm() throws IOException {
        try (RaftStorage leader = RaftStorage.open(super.config().withDirectory(directory.resolve("leader")))) {
            RaftGroup sending = leader.group("g");
            sending.saveEntries(term(7), run(1, 50, 7));
            rid.text = "flights";
            scd.text = "plans";
            ReadyStorage.load(sending, config(), Map.of("rid", rid, "scd", scd)).takeSnapshot(50, bytes("n1,n2"));
            rid.text = "";
            int saves = provider.savedGroups.size();
            try (Snapshot sent = sending.openSnapshot()) {
                load().handleReady(sent, new HardState(7, null, 50), List.of());
            }
            assertThat(provider.savedGroups).hasSize(saves); // nothing was left for a second change
        }
        assertThat(rid.text).isEqualTo("flights");
        reopen();
        ReadyStorage follower = load();
        assertThat(follower.initialState().hardState()).isEqualTo(new HardState(7, null, 50));
        assertThat(follower.initialState().configuration()).isEqualTo(bytes("n1,n2"));
        assertThat(follower.firstIndex()).isEqualTo(51);
        assertThat(follower.term(50)).isEqualTo(7);
    }
}
