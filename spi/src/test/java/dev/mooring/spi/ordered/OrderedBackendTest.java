// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Options;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedBackendTest {

    private static final UUID ID = new UUID(17, 4);

    private SortedEngine engine = new SortedEngine();
    private OrderedBackend backend;
    private long sequence;

    @BeforeEach
    void load() throws IOException {
        backend = backend(engine);
        assertThat(backend.load().groups()).isEmpty();
    }

    private static OrderedBackend backend(SortedEngine engine) throws IOException {
        Options none = Options.of("sorted", List.of(), Map.of());
        return new OrderedBackend(new BackendContext(Path.of("data"), none, ID, 0, true, repair -> {}), engine);
    }

    /** As after a crash: nothing is closed. */
    private Loaded loadAgain() throws IOException {
        engine = engine.openedAgain();
        backend = backend(engine);
        return backend.load();
    }

    private void save(String group, long first, int count) throws IOException {
        save(group, null, first, count);
    }

    private void save(String group, Long truncateFrom, long first, int count) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (long index = first; index < first + count; index++) {
            ByteBuffer payload = ByteBuffer.wrap(new byte[] {(byte) index});
            entries.add(new Entry(index, 1, Entry.checksum(group, index, 1, payload), payload));
        }
        backend.saveEntries(
                ++sequence, List.of(new Update(group, truncateFrom, entries, new HardState(1, "n1", -1), null)));
    }

    private List<Long> read(String group, long first, long last) throws IOException {
        List<Long> indexes = new ArrayList<>();
        backend.read(group, first, last, entry -> indexes.add(entry.index()));
        return indexes;
    }

    @Test
    void whatWasSavedIsFoundAgain() throws IOException { // LIFE-4, LOG-1
        save("a", 5, 3);
        save("b", 1, 2);
        ByteBuffer attachment = ByteBuffer.wrap(new byte[] {1, 2, 3});
        SnapshotPointer snapshot = new SnapshotPointer(6, 1, true, 9);
        backend.saveSnapshot(++sequence, new Update("a", null, List.of(), null, attachment), snapshot);
        Loaded loaded = loadAgain();
        assertThat(loaded.sequence()).isEqualTo(3);
        assertThat(loaded.groups())
                .isEqualTo(Map.of(
                        "a", new GroupState(new HardState(1, "n1", -1), snapshot, attachment, 5, 7),
                        "b", new GroupState(new HardState(1, "n1", -1), null, null, 1, 2)));
        assertThat(read("a", 5, 7)).containsExactly(5L, 6L, 7L);
    }

    @Test
    void aWritingThatIsRunAgainCountsOnce() throws IOException {
        engine.writesTwice = true;
        save("a", 1, 3);
        save("b", 1, 3);
        save("a", 2L, 2, 1);
        backend.drop(++sequence, "b");
        save("c", 9, 1);
        Loaded loaded = loadAgain();
        assertThat(loaded.groups().keySet()).containsExactlyInAnyOrder("a", "c");
        assertThat(read("a", 1, 2)).containsExactly(1L, 2L);
        assertThat(read("c", 9, 9)).containsExactly(9L);
    }

    @Test
    void whatWasReleasedGoesWithLaterChangesAFewAtATime() throws IOException { // REL-3
        save("a", 1, 1000);
        backend.releaseLock("a", 900);
        assertThat(engine.committed.entries()).hasSize(1000);
        save("b", 1, 10);
        assertThat(engine.committed.entries()).hasSize(1000 + 10 - 84);
        for (int i = 0; i < 20; i++) {
            save("b", 11 + i, 1);
        }
        assertThat(engine.committed.entries()).hasSize(100 + 30);
        assertThat(loadAgain().groups().get("a").firstIndex()).isEqualTo(901);
    }

    @Test
    void aReleaseIsKeptByCloseAndMayBeUndoneByACrash() throws IOException { // REL-2
        save("a", 1, 10);
        backend.releaseLock("a", 4);
        assertThat(read("a", 5, 10)).hasSize(6);
        assertThat(loadAgain().groups().get("a").firstIndex()).isEqualTo(1);
        backend.releaseLock("a", 4);
        backend.close();
        assertThat(loadAgain().groups().get("a").firstIndex()).isEqualTo(5);
    }

    @Test
    void aLogThatBeginsAgainFurtherBackShowsNothingOld() throws IOException { // LOG-3, REL-1
        save("a", 1, 10);
        backend.releaseLock("a", 10);
        save("a", 4L, 4, 2);
        assertThat(loadAgain().groups().get("a").lastIndex()).isEqualTo(5);
        assertThat(read("a", 4, 5)).containsExactly(4L, 5L);
        save("a", 6, 1);
        assertThat(engine.committed.entries().keySet()).allMatch(key -> key.index() >= 4 && key.index() <= 6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenTheWholeLogGoesWhatItHadReleasedMayGoWithIt(boolean atOnce) throws IOException { // LOG-3, REL-2
        engine = new SortedEngine(atOnce);
        load();
        save("a", 1, 1000);
        save("b", 1, 5);
        backend.releaseLock("a", 900);
        save("a", 901L, 901, 2);
        assertThat(engine.committed.entries().size() == 2 + 5).isEqualTo(atOnce);
        GroupState state = loadAgain().groups().get("a");
        assertThat(state.firstIndex()).isEqualTo(901);
        assertThat(state.lastIndex()).isEqualTo(902);
        backend.releaseLock("a", 901);
        SnapshotPointer snapshot = new SnapshotPointer(950, 1, true, 9);
        backend.saveSnapshot(++sequence, new Update("a", 0L, List.of(), null, null), snapshot);
        assertThat(engine.committed.entries().size() == 5).isEqualTo(atOnce);
        save("a", 7, 3); // further back
        assertThat(read("a", 7, 1000)).containsExactly(7L, 8L, 9L);
        assertThat(engine.committed.entries()).hasSize(5 + 3);
        assertThat(loadAgain().groups().get("a").firstIndex()).isEqualTo(7);
    }

    @Test
    void aGroupThatWasDroppedLeavesNothing() throws IOException { // GROUP-3
        save("a", 1, 200);
        backend.drop(++sequence, "a");
        save("a", 1, 1);
        Loaded loaded = loadAgain();
        assertThat(loaded.groups().get("a").lastIndex()).isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            save("b", 1 + i, 1);
        }
        assertThat(engine.committed.entries()).hasSize(1 + 5);
    }

    @Test
    void afterAFailureNothingIsWrittenAnyMore() throws IOException { // FAULT-2
        save("a", 1, 3);
        backend.releaseLock("a", 1);
        engine.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> save("a", 4, 1)).isSameAs(engine.failNext);
        engine.failNext = null;
        assertThatThrownBy(() -> save("a", 4, 1))
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContaining("data");
        SortedEngine.Stored before = engine.committed;
        backend.close();
        assertThat(engine.committed).isSameAs(before);
        assertThat(engine.closedWhole).isFalse();
    }

    @Test
    void whatAVisitorThrowsIsPassedOn() throws IOException { // READ-1
        save("a", 1, 3);
        IllegalStateException thrown = new IllegalStateException("enough");
        assertThatThrownBy(() -> backend.read("a", 1, 3, entry -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
    }

    @Test
    void everyBitOfARecordCounts() throws IOException { // DAMAGE-1
        save("a", 1, 3);
        backend.saveEntries(++sequence, List.of(new Update("a", null, List.of(), null, ByteBuffer.wrap(new byte[] {1, 2
        }))));
        SortedEngine.Stored whole = engine.committed;
        for (ByteBuffer key : whole.records().keySet()) {
            if (Keys.isAttachment(key)) {
                continue; // carries a checksum of the core's
            }
            for (int bit = 0; bit < 8 * whole.records().get(key).remaining(); bit++) {
                ByteBuffer rotten = ByteBuffer.allocate(whole.records().get(key).remaining());
                rotten.put(whole.records().get(key).duplicate()).flip();
                rotten.put(bit / 8, (byte) (rotten.get(bit / 8) ^ 1 << bit % 8));
                engine.committed = whole.copy();
                engine.committed.records().put(key, rotten);
                assertThatThrownBy(this::loadAgain)
                        .as("bit %d of record %s", bit, Keys.number(key))
                        .isInstanceOf(StorageException.Corrupted.class);
            }
        }
    }

    @Test
    void aPieceThatIsMissingIsNoticed() throws IOException { // DAMAGE-2, DAMAGE-3
        save("a", 1, 3);
        save("b", 1, 3);
        backend.saveEntries(++sequence, List.of(new Update("a", null, List.of(), null, ByteBuffer.wrap(new byte[] {1, 2
        }))));
        SortedEngine.Stored whole = engine.committed;
        for (ByteBuffer key : whole.records().keySet()) {
            engine.committed = whole.copy();
            engine.committed.records().remove(key);
            assertThatThrownBy(this::loadAgain)
                    .as("without record %s", key)
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("backup");
        }
        for (long index : new long[] {1, 3}) {
            engine.committed = whole.copy();
            engine.committed.entries().remove(new SortedEngine.Key(1, index));
            assertThatThrownBy(this::loadAgain)
                    .as("without entry %d", index)
                    .isInstanceOf(StorageException.Corrupted.class);
        }
    }

    @Test
    void whatBelongsToNothingIsNoticed() throws IOException { // DAMAGE-1
        save("a", 1, 3);
        SortedEngine.Stored whole = engine.committed;
        engine.committed = whole.copy();
        engine.committed
                .records()
                .put(Keys.group(7), whole.records().get(Keys.group(1)).duplicate());
        assertThatThrownBy(this::loadAgain).isInstanceOf(StorageException.Corrupted.class);
        engine.committed = whole.copy();
        Entry entry = whole.entries().firstEntry().getValue();
        engine.committed.entries().put(new SortedEngine.Key(7, 1), entry);
        assertThatThrownBy(this::loadAgain)
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("never given");
        engine.committed = whole.copy();
        engine.committed.entries().put(new SortedEngine.Key(1, 4), entry);
        assertThatThrownBy(this::loadAgain).isInstanceOf(StorageException.Corrupted.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 77})
    void theSequenceOfAChangeIsFoundInWhatIsCutOff(int at) throws IOException { // DAMAGE-2
        save("a", 1, 3);
        save("a", 4, 1);
        ByteBuffer record = new TreeMap<>(engine.committed.records()).get(Keys.store());
        ByteBuffer tail = ByteBuffer.allocate(at + OrderedBackend.SEQUENCE_RECORD_BYTES + 3);
        tail.position(at).put(record.duplicate()).clear();
        assertThat(OrderedBackend.highestSequence(tail, ID)).isEqualTo(2);
        assertThat(OrderedBackend.highestSequence(tail, new UUID(1, 2))).isZero();
        tail.put(at + 20, (byte) (tail.get(at + 20) ^ 1));
        assertThat(OrderedBackend.highestSequence(tail, ID)).isZero();
    }
}
