// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A state that can not have been saved like this is refused at open, for its group alone; damage is found when read. */
class GroupOpeningTest extends CoreTest {

    @Test
    void termsAreFoundWithFewReadsHoweverLongTheLogIs() throws IOException {
        group().saveEntries(term(9), run(1, 3_000, 1));
        group().saveEntries(null, run(3_001, 3_001, 4));
        group().saveEntries(null, run(3_002, 20_000, 9));
        provider.reads.set(0);
        reopen();
        assertThat(provider.reads.get()).isLessThan(40);
        assertThat(group().term(3_000)).isEqualTo(1);
        assertThat(group().term(3_001)).isEqualTo(4);
        assertThat(group().term(3_002)).isEqualTo(9);
        assertThat(group().term(20_000)).isEqualTo(9);
        assertThat(group().term(20_001)).isEqualTo(RaftStorage.UNKNOWN_TERM);
    }

    @Test
    void fallingTermsAreDamage() throws IOException {
        contradicted("the terms fall", group -> put(group, 5, 1));
    }

    @Test
    void aLastTermAboveTheCurrentTermIsDamage() throws IOException {
        contradicted("above the current term 2", group -> group.hardState = new HardState(2, null, -1));
    }

    @Test
    void aCommitIndexAboveTheLogIsDamage() throws IOException {
        contradicted("committed entries are missing", group -> group.hardState = new HardState(3, null, 99));
    }

    @Test
    void aLogThatDoesNotJoinOnToItsSnapshotIsDamage() throws IOException {
        contradicted("entries between them are missing", group -> {
            group.snapshot = new SnapshotPointer(1, 3, true, 1);
            group.entries.headMap(3L).clear();
            group.firstIndex = 3;
        });
    }

    @Test
    void aLogThatBeginsInTheMiddleWithoutASnapshotIsDamage() throws IOException {
        contradicted("no snapshot covers what came before", group -> {
            group.entries.headMap(3L).clear();
            group.firstIndex = 3;
        });
    }

    @Test
    void aLogThatEndsBeforeItsSnapshotIsDamage() throws IOException {
        contradicted("before the newest snapshot", group -> group.snapshot = new SnapshotPointer(9, 3, true, 1));
    }

    @Test
    void aSnapshotWithAnotherTermThanTheEntryThereIsDamage() throws IOException {
        contradicted("but the entry there has term 3", group -> group.snapshot = new SnapshotPointer(4, 2, true, 1));
    }

    @Test
    void aDamagedAttachmentIsFound() throws IOException {
        group().attach(bytes("members"));
        contradicted("the attachment does not match", group -> {
            byte[] stored = new byte[group.attachment.remaining()];
            group.attachment.duplicate().get(stored);
            stored[2] ^= 4;
            group.attachment = ByteBuffer.wrap(stored);
        });
    }

    /** DAMAGE-3: one group's damage keeps no other shut, also where the backend wraps what its visitor throws. */
    @Test
    void aDamagedEntryIsOneGroupsOwnAlsoWhenItIsWrapped() throws IOException {
        provider.wrapsWhatAVisitorThrows = true;
        contradicted("entry 1 is damaged", group -> {
            byte[] rotten = payload(1, 3);
            rotten[0] ^= 1;
            group.entries.put(1L, new Entry(1, 3, group.entries.get(1L).checksum(), ByteBuffer.wrap(rotten)));
        });
    }

    @Test
    void aFlippedBitIsFoundWhenReadAndClosesTheGroup() throws IOException {
        group().saveEntries(term(3), run(1, 5, 3));
        storage.group("other").saveEntries(term(3), run(1, 5, 3));
        byte[] rotten = payload(3, 3);
        rotten[0] ^= 1;
        replace(new Entry(3, 3, entry(3).checksum(), ByteBuffer.wrap(rotten)));
        assertThat(group().get(2)).isNotNull();
        assertThatThrownBy(() -> group().get(3))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("Group 'g'")
                .hasMessageContaining("entry 3 of term 3");
        assertThatThrownBy(() -> group().get(2)).isInstanceOf(StorageException.Corrupted.class);
        assertThatThrownBy(() -> group().saveEntries(null, run(6, 6, 3)))
                .isInstanceOf(StorageException.Corrupted.class);
        assertThat(storage.group("other").get(3)).isNotNull();
    }

    @Test
    void aStaleEntryWithAGoodChecksumIsFoundByItsTerm() throws IOException {
        group().saveEntries(term(3), run(1, 5, 3));
        int checksum = Entry.checksum("g", 4, 2, ByteBuffer.wrap(payload(4, 2)));
        replace(new Entry(4, 2, checksum, ByteBuffer.wrap(payload(4, 2))));
        assertThatThrownBy(() -> readAll(group()))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("term 2, but its term is 3");
    }

    @Test
    void aMissingEntryIsFound() throws IOException {
        group().saveEntries(term(3), run(1, 5, 3));
        provider.contents().groups.get("g").entries.remove(4L);
        assertThatThrownBy(() -> readAll(group()))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("no entry 4");
    }

    @Test
    void releasedEntriesAreCompactedNotMissing() throws IOException {
        group().saveEntries(term(3), run(1, 9, 3));
        group().recordSnapshot(6, 3);
        group().releaseLock(6);
        assertThatThrownBy(() -> group().read(2, 9, 1000, entry -> true))
                .isInstanceOfSatisfying(
                        StorageException.Compacted.class,
                        e -> assertThat(e.firstIndex()).isEqualTo(7));
        assertThat(group().get(3)).isNull();
        assertThat(group().term(6)).isEqualTo(3); // firstIndex - 1 stays known
    }

    @Test
    void maxBytesEndsTheReadButNeverBeforeTheFirstEntry() throws IOException {
        group().saveEntries(
                        null,
                        List.of(
                                LogEntry.of(1, 0, new byte[100]),
                                LogEntry.of(2, 0, new byte[100]),
                                LogEntry.of(3, 0, new byte[100])));
        assertThat(count(0)).isEqualTo(1);
        assertThat(count(199)).isEqualTo(1);
        assertThat(count(200)).isEqualTo(2);
        assertThat(count(Long.MAX_VALUE)).isEqualTo(3);
    }

    private int count(long maxBytes) throws IOException {
        int[] count = new int[1];
        group().read(1, 3, maxBytes, entry -> ++count[0] > 0);
        return count[0];
    }

    private void contradicted(String message, java.util.function.Consumer<KeptInMemory.Group> damage)
            throws IOException {
        group().saveEntries(term(3), run(1, 5, 3));
        storage.group("other").saveEntries(term(1), run(1, 1, 1));
        storage.close();
        damage.accept(provider.contents().groups.get("g"));
        storage = RaftStorage.open(config());
        assertThatThrownBy(() -> group())
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("Group 'g'")
                .hasMessageContaining(message);
        assertThat(storage.group("other").lastIndex()).isEqualTo(1);
    }

    private static void put(KeptInMemory.Group group, long index, long term) {
        byte[] payload = payload(index, term);
        int checksum = Entry.checksum("g", index, term, ByteBuffer.wrap(payload));
        group.entries.put(index, new Entry(index, term, checksum, ByteBuffer.wrap(payload)));
    }

    private Entry entry(long index) {
        return provider.contents().groups.get("g").entries.get(index);
    }

    private void replace(Entry entry) {
        provider.contents().groups.get("g").entries.put(entry.index(), entry);
    }
}
