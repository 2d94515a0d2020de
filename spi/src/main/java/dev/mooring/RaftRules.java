// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Raft's rules for what a group may accept. Each refusal is an {@link IllegalArgumentException} that names group, index,
 * values and the rule's number in the contract; nothing has changed then.
 */
final class RaftRules {

    private static final Pattern GROUP_NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private RaftRules() {}

    static void checkGroupName(String name) {
        if (!GROUP_NAME.matcher(name).matches()) {
            String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
            throw new IllegalArgumentException("A group's name is 1 to 64 of the characters A-Z a-z 0-9 . _ -, not '"
                    + shown.replaceAll("\\p{Cntrl}", "?") + "' (" + name.length() + " characters)");
        }
    }

    /** LOG-4: what is too large for one update is refused before it waits for room. */
    static long checkSizes(String group, List<LogEntry> entries, long maxPayloadBytes, long maxUpdateBytes) {
        long bytes = 0;
        for (LogEntry entry : entries) {
            if (entry.index() < 0 || entry.term() < 0) {
                throw refused(
                        group,
                        "an entry has index " + entry.index() + " and term " + entry.term() + "; neither is below 0",
                        "LOG-6");
            }
            int payloadBytes = entry.payloadBytes();
            if (payloadBytes > maxPayloadBytes) {
                throw refused(
                        group,
                        "entry " + entry.index() + " has a payload of " + payloadBytes + " bytes, more than"
                                + " mooring.max-payload-bytes=" + maxPayloadBytes,
                        "LOG-4");
            }
            bytes += payloadBytes;
        }
        if (bytes > maxUpdateBytes) {
            throw refused(
                    group,
                    "entries " + entries.get(0).index() + ".."
                            + entries.get(entries.size() - 1).index() + " have payloads of " + bytes
                            + " bytes together, more than mooring.max-update-bytes=" + maxUpdateBytes
                            + "; save them in several calls",
                    "LOG-4");
        }
        return bytes;
    }

    /** STATE-4: the hard state with this term and vote, or null if they are what is accepted already. */
    static @Nullable HardState checkTermAndVote(GroupLog log, @Nullable TermAndVote wanted) {
        if (wanted == null) {
            return null;
        }
        HardState held = log.hardState;
        if (wanted.currentTerm() < held.currentTerm()) {
            throw refused(
                    log.name,
                    "the current term can not go back from " + held.currentTerm() + " to " + wanted.currentTerm(),
                    "STATE-4");
        }
        boolean sameTerm = wanted.currentTerm() == held.currentTerm();
        if (sameTerm && Objects.equals(wanted.votedFor(), held.votedFor())) {
            return null;
        }
        if (sameTerm && held.votedFor() != null) {
            throw refused(
                    log.name,
                    "the vote of term " + held.currentTerm() + " was cast for " + quoted(held.votedFor())
                            + " and can not become " + quoted(wanted.votedFor()),
                    "STATE-4");
        }
        try {
            return new HardState(wanted.currentTerm(), wanted.votedFor(), held.commitIndex());
        } catch (IllegalArgumentException e) {
            throw refused(log.name, String.valueOf(e.getMessage()), "STATE-1");
        }
    }

    /** LOG-9, LOG-10, STATE-5, STATE-6. */
    static void checkEntries(GroupLog log, List<LogEntry> entries, long currentTerm) {
        if (entries.isEmpty()) {
            return;
        }
        long first = entries.get(0).index();
        checkBeginning(log, first);
        long expectedIndex = first;
        long previousTerm = log.term(first - 1);
        for (LogEntry entry : entries) {
            if (entry.index() != expectedIndex) {
                throw refused(
                        log.name,
                        "entry " + entry.index() + " follows entry " + (expectedIndex - 1) + " in one call, but "
                                + expectedIndex + " must",
                        "LOG-9");
            }
            if (entry.term() < Math.max(0, previousTerm)) {
                throw refused(
                        log.name,
                        "entry " + entry.index() + " has term " + entry.term() + ", below term "
                                + Math.max(0, previousTerm) + " of entry " + (entry.index() - 1),
                        "LOG-10");
            }
            if (entry.term() > currentTerm) {
                throw refused(
                        log.name,
                        "entry " + entry.index() + " has term " + entry.term() + ", above the current term "
                                + currentTerm + "; save the higher term with it",
                        "STATE-6");
            }
            if (expectedIndex == Long.MAX_VALUE) {
                throw refused(log.name, "entry " + entry.index() + " has the last index there is", "LOG-9");
            }
            previousTerm = entry.term();
            expectedIndex++;
        }
    }

    private static void checkBeginning(GroupLog log, long first) {
        if (!log.begun && log.snapshot == null && log.isEmpty()) {
            boolean fresh = log.firstIndex == 0 && first <= 1;
            if (!fresh && first != log.lastIndex + 1) {
                throw refused(
                        log.name, "entry " + first + " can not be the first one: a new log begins at 0 or 1", "LOG-9");
            }
            return;
        }
        if (first > log.lastIndex + 1) {
            throw refused(
                    log.name,
                    "entry " + first + " would leave a gap after " + log.lastIndex + ", the last one",
                    "LOG-9");
        }
        checkNotSettled(log, first, "entry " + first + " can not be written");
        if (first < log.firstIndex) {
            throw refused(
                    log.name, "entry " + first + " lies before " + log.firstIndex + ", the first one held", "LOG-9");
        }
    }

    /** STATE-5; index from firstIndex to lastIndex + 1. */
    static void checkTruncation(GroupLog log, long index) {
        checkNotSettled(log, index, "the log can not be truncated from " + index);
        if (index < log.firstIndex || index > log.lastIndex + 1) {
            throw refused(log.name, "the log holds " + range(log) + " and can not be truncated from " + index, "LOG-3");
        }
    }

    private static void checkNotSettled(GroupLog log, long index, String what) {
        if (index <= log.settledIndex()) {
            throw refused(
                    log.name,
                    what + ": the commit index is " + log.hardState.commitIndex() + " and the newest snapshot "
                            + (log.snapshot == null ? "none" : "at " + log.snapshot.index())
                            + ", and what they cover never changes",
                    "STATE-5");
        }
    }

    /** STATE-7; the entries are those that the same change adds. */
    static void checkCommit(GroupLog log, long index, List<LogEntry> entries) {
        long lastIndex = entries.isEmpty()
                ? log.lastIndex
                : entries.get(entries.size() - 1).index();
        if (index > log.hardState.commitIndex() && index > lastIndex) {
            throw refused(
                    log.name, "commit index " + index + " lies above " + lastIndex + ", the last entry", "STATE-7");
        }
    }

    static void checkAttachment(String group, ByteBuffer attachment) {
        if (attachment.remaining() > RaftGroup.MAX_ATTACHMENT_BYTES) {
            throw refused(
                    group,
                    "an attachment of " + attachment.remaining() + " bytes is larger than "
                            + RaftGroup.MAX_ATTACHMENT_BYTES,
                    "STATE-3");
        }
    }

    /**
     * SNAP-4, SNAP-7, STATE-5, STATE-6, LOG-10.
     *
     * @param current term that holds once the snapshot is saved
     * @return whether the snapshot is news; an older one than the newest changes nothing
     */
    static boolean checkSnapshot(GroupLog log, long index, long term, long current) {
        if (index < 0) {
            throw refused(log.name, "a snapshot at index " + index + " covers nothing", "SNAP-4");
        }
        if (index == Long.MAX_VALUE) {
            throw refused(log.name, "a snapshot at index " + index + " leaves no index for an entry", "SNAP-4");
        }
        if (term < RaftStorage.UNKNOWN_TERM) {
            throw refused(log.name, "a snapshot can not have term " + term, "SNAP-4");
        }
        if (term > current) {
            throw refused(
                    log.name,
                    "the snapshot at " + index + " has term " + term + ", above the current term " + current
                            + "; save the higher term with it",
                    "STATE-6");
        }
        SnapshotPointer newest = log.snapshot;
        if (newest != null && index < newest.index()) {
            return false;
        }
        boolean bothKnown = term != RaftStorage.UNKNOWN_TERM;
        if (newest != null && bothKnown && newest.term() != RaftStorage.UNKNOWN_TERM) {
            if (term < newest.term() || (index == newest.index() && term != newest.term())) {
                throw refused(
                        log.name,
                        "the snapshot at " + index + " has term " + term + ", but the one at " + newest.index()
                                + " has term " + newest.term(),
                        "LOG-10");
            }
        }
        long held = log.term(index);
        if (index <= log.hardState.commitIndex() && bothKnown && held != RaftStorage.UNKNOWN_TERM && held != term) {
            throw refused(
                    log.name,
                    "the snapshot at " + index + " has term " + term + ", but the committed entry there has term "
                            + held,
                    "STATE-5");
        }
        if (bothKnown) {
            checkTermFits(log, index, term);
        }
        return true;
    }

    /** LOG-10, where the snapshot's own entry is not held. */
    private static void checkTermFits(GroupLog log, long index, long term) {
        if (!log.isEmpty() && index == log.firstIndex - 1 && term > log.term(log.firstIndex)) {
            throw refused(
                    log.name,
                    "the snapshot at " + index + " has term " + term + ", but entry " + log.firstIndex
                            + " after it has term " + log.term(log.firstIndex),
                    "LOG-10");
        }
        long commitIndex = log.hardState.commitIndex();
        if (commitIndex >= 0 && index > commitIndex && term < log.term(commitIndex)) {
            throw refused(
                    log.name,
                    "the snapshot at " + index + " has term " + term + ", but the committed entry " + commitIndex
                            + " has term " + log.term(commitIndex),
                    "LOG-10");
        }
    }

    /**
     * SNAP-3: whether the log goes on from a snapshot here: it holds the snapshot's last entry, or begins right behind it,
     * with no other term. An unknown term is no other term (SNAP-7).
     */
    static boolean joins(GroupLog log, long index, long term) {
        if (index > log.lastIndex || index < log.firstIndex - 1) {
            return false;
        }
        long held = log.term(index);
        return term == RaftStorage.UNKNOWN_TERM || held == RaftStorage.UNKNOWN_TERM || held == term;
    }

    /** REL-4. */
    static void checkRelease(GroupLog log, long index) {
        SnapshotPointer newest = log.snapshot;
        if (newest == null || index > newest.index()) {
            throw refused(
                    log.name,
                    "entries up to " + index + " can not be released: "
                            + (newest == null
                                    ? "there is no durable snapshot"
                                    : "the newest durable snapshot ends at " + newest.index())
                            + ", so they are the only copy",
                    "REL-4");
        }
    }

    static String range(GroupLog log) {
        return log.isEmpty() ? "no entries" : "entries " + log.firstIndex + ".." + log.lastIndex;
    }

    private static String quoted(@Nullable String votedFor) {
        return votedFor == null ? "nobody" : "'" + votedFor + "'";
    }

    private static IllegalArgumentException refused(String group, String what, String rule) {
        return new IllegalArgumentException("Group '" + group + "': " + what + " (rule " + rule + ")");
    }
}
