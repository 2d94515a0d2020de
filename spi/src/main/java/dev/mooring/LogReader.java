// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the accepted entries of one group: the newest from memory, the others from the backend, each verified. Holds no
 * lock while the backend or the caller works.
 */
final class LogReader {

    /** How much is taken from the backend at a time, in bytes of memory, or one entry if that is larger. */
    private static final long CHUNK_BYTES = 1 << 20;

    private final CommitQueue queue;
    private final StorageBackend backend;
    private final GroupLog log;

    LogReader(CommitQueue queue, StorageBackend backend, GroupLog log) {
        this.queue = queue;
        this.backend = backend;
        this.log = log;
    }

    @Nullable
    LogEntry get(long index) throws IOException {
        queue.lock.lock();
        try {
            log.checkOpen();
            if (index < log.firstIndex || index > log.lastIndex) {
                return null;
            }
        } finally {
            queue.lock.unlock();
        }
        try {
            List<LogEntry> found = chunk(index, index, Long.MAX_VALUE, RaftStorage.UNKNOWN_TERM);
            return found.isEmpty() ? null : found.get(0);
        } catch (StorageException.Compacted e) {
            return null; // released since the check
        }
    }

    void read(long first, long last, long maxBytes, EntryReader reader) throws IOException {
        checkRange(first, last);
        long bytes = 0;
        long next = first;
        long previousTerm = RaftStorage.UNKNOWN_TERM;
        while (next <= last) {
            List<LogEntry> chunk = chunk(next, last, Math.max(0, maxBytes - bytes), previousTerm);
            if (chunk.isEmpty()) {
                return; // the log was truncated or overwritten below this under the read
            }
            for (LogEntry entry : chunk) {
                bytes += entry.payloadBytes();
                if (entry.index() > first && bytes > maxBytes) {
                    return;
                }
                if (!reader.read(entry)) {
                    return;
                }
            }
            next += chunk.size();
            previousTerm = chunk.get(chunk.size() - 1).term();
        }
    }

    private void checkRange(long first, long last) throws StorageException {
        queue.lock.lock();
        try {
            log.checkOpen();
            if (first < 0 || last < first - 1 || last > log.lastIndex) {
                throw new IllegalArgumentException("Group '" + log.name + "': can not read " + first + ".." + last
                        + ", the log holds " + RaftRules.range(log) + " (rule READ-1)");
            }
            if (first < log.firstIndex) {
                throw compacted(first);
            }
        } finally {
            queue.lock.unlock();
        }
    }

    /**
     * Entries from {@code first} on, as many as fit in a chunk: at least one, unless a truncation has taken it away, or the
     * entry before it was overwritten. Entries of the same index and term follow the same log (Raft §5.3), so the term of that
     * one tells.
     *
     * @param maxBytes no more bytes of payload are of use
     * @param previousTerm of the entry before {@code first}, as it was handed out; UNKNOWN_TERM if none was
     */
    private List<LogEntry> chunk(long first, long last, long maxBytes, long previousTerm) throws IOException {
        while (true) {
            long upper;
            long generation;
            queue.lock.lock();
            try {
                log.checkOpen();
                queue.checkReadable(log, first);
                if (first < log.firstIndex) {
                    throw compacted(first);
                }
                if (previousTerm != RaftStorage.UNKNOWN_TERM && log.term(first - 1) != previousTerm) {
                    return List.of();
                }
                upper = Math.min(last, queue.isFailed() ? log.durableIndex : log.lastIndex);
                if (upper < first) {
                    return List.of();
                }
                if (!log.tail.isEmpty() && first >= log.tail.firstIndex()) {
                    return fromTail(first, upper, maxBytes);
                }
                if (!log.tail.isEmpty()) {
                    upper = Math.min(upper, log.tail.firstIndex() - 1);
                }
                generation = log.generation;
            } finally {
                queue.lock.unlock();
            }
            List<LogEntry> found = fromBackend(first, upper, maxBytes, generation);
            if (found != null) {
                return found;
            }
        }
    }

    private List<LogEntry> fromTail(long first, long upper, long maxBytes) {
        List<LogEntry> found = new ArrayList<>();
        long bytes = 0;
        long weight = 0;
        for (long index = first; index <= upper && weight < CHUNK_BYTES; index++) {
            Entry entry = log.tail.get(index);
            if (entry == null || (!found.isEmpty() && bytes + entry.payloadBytes() > maxBytes)) {
                break;
            }
            bytes += entry.payloadBytes();
            weight += EntryTail.weight(entry.payloadBytes());
            found.add(new LogEntry(entry.index(), entry.term(), entry.payload()));
        }
        return found;
    }

    /** Null if a truncation has overtaken the read, which must then look again. */
    private @Nullable List<LogEntry> fromBackend(long first, long upper, long maxBytes, long generation)
            throws IOException {
        Collector collector = new Collector(log.name, first, maxBytes);
        StorageException.Corrupted damage = null;
        try {
            backend.read(log.name, first, upper, collector);
            damage = collector.damage;
        } catch (StorageException.Corrupted e) {
            damage = e; // the collector's own comes back with the place added, if the backend knows it
        } catch (IOException e) {
            damage = collector.damage;
            if (damage == null) {
                throw e instanceof StorageException ? e : unreadable(first, upper, e);
            }
        }
        queue.lock.lock();
        try {
            log.checkOpen();
            if (log.generation != generation) {
                return null;
            }
            if (first < log.firstIndex) {
                throw compacted(first);
            }
            if (damage == null) {
                damage = collector.compare(log);
            }
            if (damage == null && collector.found.isEmpty()) {
                queue.checkNotFailed(); // a change that failed may have been made all the same: a reopen shows it
                damage = new StorageException.Corrupted(
                        "the backend holds no entry " + first + ", though the log has " + RaftRules.range(log));
            }
            if (damage != null) {
                throw close(damage, first, upper);
            }
            return collector.found;
        } finally {
            queue.lock.unlock();
        }
    }

    private StorageException unreadable(long first, long upper, IOException e) {
        return new StorageException.Failed(
                "Group '" + log.name + "': entries " + first + ".." + upper
                        + " can not be read. The log is not known to be damaged: try again, and look at the disk: "
                        + StorageException.reasonOf(e),
                e);
    }

    /** Locked. Damage closes the group: what else of it is damaged nobody knows. */
    private StorageException close(StorageException.Corrupted damage, long first, long upper) {
        StorageException.Corrupted closing = new StorageException.Corrupted(
                "Group '" + log.name + "': damage found while reading " + first + ".." + upper
                        + ", the group is closed. " + Words.GROUP_REMEDY + ": " + damage.getMessage(),
                damage);
        log.closedBecause = closing;
        return closing;
    }

    private StorageException.Compacted compacted(long first) {
        return new StorageException.Compacted(
                "Group '" + log.name + "': entry " + first
                        + (log.snapshot == null
                                ? " lies before the log, which begins at " + log.firstIndex
                                : " was released, the log begins at " + log.firstIndex + ". Send the snapshot instead"),
                log.firstIndex);
    }

    /** Copies and verifies what the backend hands out; stops once it has enough. */
    static final class Collector implements EntryVisitor {
        final List<LogEntry> found = new ArrayList<>();
        private final String group;
        private final long first;
        private final long maxBytes;
        private long bytes;
        private long weight; // a log of empty payloads must not fill the memory
        StorageException.@Nullable Corrupted damage;

        Collector(String group, long first, long maxBytes) {
            this.group = group;
            this.first = first;
            this.maxBytes = maxBytes;
        }

        @Override
        public boolean visit(Entry entry) throws StorageException.Corrupted {
            long expected = first + found.size();
            if (entry.index() != expected) {
                throw damaged("the backend handed out entry " + entry.index() + " where " + expected + " belongs");
            }
            // the checksum is taken of the copy, so that memory that changes under us is noticed, too
            byte[] payload = new byte[entry.payloadBytes()];
            entry.payload().get(payload);
            ByteBuffer copy = ByteBuffer.wrap(payload);
            int computed = Entry.checksum(group, entry.index(), entry.term(), copy);
            if (computed != entry.checksum()) {
                throw damaged(String.format(
                        Locale.ROOT,
                        "entry %d of term %d (%d bytes) does not match its checksum: stored %08x, computed %08x",
                        entry.index(),
                        entry.term(),
                        payload.length,
                        entry.checksum(),
                        computed));
            }
            found.add(new LogEntry(entry.index(), entry.term(), copy.asReadOnlyBuffer()));
            bytes += payload.length;
            weight += EntryTail.weight(payload.length);
            return bytes < maxBytes && weight < CHUNK_BYTES;
        }

        /** Kept, too: a backend may wrap what its visitor throws. */
        private StorageException.Corrupted damaged(String what) {
            StorageException.Corrupted found = new StorageException.Corrupted(what);
            damage = found;
            return found;
        }

        /** A backend that kept an old entry where a newer one belongs hands out a good checksum, but another term. */
        private StorageException.@Nullable Corrupted compare(GroupLog log) {
            for (LogEntry entry : found) {
                long term = log.terms.at(entry.index());
                if (entry.index() >= log.firstIndex && term != entry.term()) {
                    return new StorageException.Corrupted("the backend handed out entry " + entry.index()
                            + " with term " + entry.term() + ", but its term is " + term);
                }
            }
            return null;
        }
    }
}
