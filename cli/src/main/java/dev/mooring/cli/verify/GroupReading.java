// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import dev.mooring.RaftGroup;
import dev.mooring.Snapshot;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads all of one group, and says what it holds and what of that is damaged. */
final class GroupReading {

    private static final int BLOCK_BYTES = 64 << 10;
    private static final int SHOWN_CHARACTERS = 64;

    private final RaftGroup group;
    private final Counter counter;
    private final List<String> hardState = new ArrayList<>();
    private final List<String> entries = new ArrayList<>();
    private final List<String> snapshots = new ArrayList<>();
    private final List<String> damage = new ArrayList<>();

    private GroupReading(RaftGroup group, Counter counter) {
        this.group = group;
        this.counter = counter;
    }

    /** Reads every byte of the snapshots that storage keeps, and every entry up to the first that is damaged. */
    static GroupReading of(RaftGroup group, Counter counter) throws IOException {
        GroupReading reading = new GroupReading(group, counter);
        reading.readHardState();
        reading.readSnapshots(); // before the entries: a damaged one closes the group
        reading.readEntries();
        return reading;
    }

    /** What it holds, in a line. */
    String contents() {
        List<String> all = new ArrayList<>(hardState);
        all.addAll(entries);
        all.addAll(snapshots);
        return String.join(", ", all);
    }

    /** What is damaged; nothing if it is whole. */
    List<String> damage() {
        return damage;
    }

    private void readHardState() {
        TermAndVote termAndVote = group.termAndVote();
        String vote = termAndVote.votedFor();
        hardState.add("term " + termAndVote.currentTerm());
        hardState.add(vote == null ? "no vote" : "vote '" + printable(vote) + "'");
        hardState.add(group.commitIndex() < 0 ? "no commit index" : "commit index " + group.commitIndex());
        ByteBuffer attachment = group.attachment();
        if (attachment != null) {
            hardState.add("attachment of " + Screen.size(attachment.remaining()));
        }
    }

    /** A vote may be any text, and must not write over the terminal. */
    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= SHOWN_CHARACTERS ? clean : clean.substring(0, SHOWN_CHARACTERS) + "...";
    }

    private void readEntries() throws IOException {
        long first = group.firstIndex();
        long last = group.lastIndex();
        if (last < first) {
            entries.add("no entries");
            return;
        }
        entries.add("entries " + first + ".." + last + " of terms " + group.term(first) + ".." + group.term(last));
        try {
            group.read(first, last, Long.MAX_VALUE, entry -> {
                checkNotInterrupted();
                counter.add(1);
                return true;
            });
        } catch (StorageException.Corrupted e) {
            damage.add(e.getMessage());
        }
    }

    private void readSnapshots() throws IOException {
        SnapshotPointer newest = group.snapshot();
        if (newest != null && newest.external()) {
            snapshots.add("snapshot at " + newest.index() + " kept by the engine and not read");
        }
        for (SnapshotPointer pointer : group.snapshots()) {
            try (Snapshot snapshot = group.openSnapshot(pointer)) {
                if (snapshot == null) {
                    throw new IOException(
                            "Group '" + group.name() + "': the snapshot at " + pointer.index() + " can not be opened");
                }
                snapshots.add("snapshot at " + pointer.index() + ", " + Screen.size(read(snapshot)));
            } catch (StorageException.Corrupted e) {
                damage.add(e.getMessage());
            }
        }
    }

    private long read(Snapshot snapshot) throws IOException {
        counter.snapshot("reading", group.name(), snapshot);
        byte[] block = new byte[BLOCK_BYTES];
        long bytes = 0;
        for (String name : snapshot.files().keySet()) {
            try (InputStream file = snapshot.open(name)) {
                int read;
                while ((read = file.read(block)) >= 0) {
                    checkNotInterrupted();
                    bytes += read;
                }
            }
        }
        return bytes;
    }

    private static void checkNotInterrupted() throws InterruptedIOException {
        if (Thread.interrupted()) {
            throw new InterruptedIOException();
        }
    }
}
