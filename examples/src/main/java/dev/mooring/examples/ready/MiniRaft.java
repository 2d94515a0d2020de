// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.LogEntry;
import dev.mooring.ready.ReadyStorage;
import dev.mooring.ready.UnavailableException;
import dev.mooring.spi.HardState;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Raft in one class, after figure 2 of the paper and §7: elections, replication, snapshots for followers that are too far
 * behind. It does no I/O but read from its storage, has no clock but {@link #tick}, and no thread: enough to show a Ready
 * loop, and to test one. No membership changes, no read index, no flow control.
 */
final class MiniRaft {

    private static final int HEARTBEAT_TICKS = 2;
    private static final int ELECTION_TICKS = 10;
    private static final long MAX_APPEND_BYTES = 4_096;

    private enum Role {
        FOLLOWER,
        CANDIDATE,
        LEADER
    }

    private final int id;
    private final int servers;
    private final ReadyStorage storage;
    private final Random random;

    private Role role = Role.FOLLOWER;
    private long currentTerm;
    private @Nullable String votedFor;
    private long commitIndex;
    private long appliedIndex;
    private HardState savedHardState;

    // entries that are not saved yet: the next ready state hands them out; they may replace the end of the stored log
    private final List<LogEntry> unsaved = new ArrayList<>();
    private long unsavedFirstIndex;
    private @Nullable SentSnapshot unsavedSnapshot;
    private final List<Message> outbox = new ArrayList<>();

    private final Set<Integer> votes = new HashSet<>();
    private final Map<Integer, Long> nextIndex = new HashMap<>();
    private final Map<Integer, Long> matchIndex = new HashMap<>();
    private int ticksSinceHeard;
    private int electionTicks;

    /** A server, from 0 to servers - 1, that goes on from what its storage holds. */
    MiniRaft(int id, int servers, ReadyStorage storage, Random random) throws IOException {
        this.id = id;
        this.servers = servers;
        this.storage = storage;
        this.random = random;
        HardState stored = storage.initialState().hardState();
        savedHardState = stored;
        currentTerm = stored.currentTerm();
        votedFor = stored.votedFor();
        commitIndex = stored.commitIndex();
        appliedIndex = snapshotIndex();
        unsavedFirstIndex = storage.lastIndex() + 1;
        resetElection();
    }

    boolean isLeader() {
        return role == Role.LEADER;
    }

    long commitIndex() {
        return commitIndex;
    }

    /** Offers a command; false if this server does not lead, so that the client must ask another. */
    boolean propose(byte[] command) throws IOException {
        if (role != Role.LEADER) {
            return false;
        }
        append(LogEntry.of(lastIndex() + 1, currentTerm, command));
        broadcast();
        return true;
    }

    /** Time passes. */
    void tick() throws IOException {
        ticksSinceHeard++;
        if (role == Role.LEADER && ticksSinceHeard >= HEARTBEAT_TICKS) {
            ticksSinceHeard = 0;
            broadcast();
        } else if (role != Role.LEADER && ticksSinceHeard >= electionTicks) {
            campaign();
        }
    }

    /** A message arrives. */
    void step(Message message) throws IOException {
        if (message.term() > currentTerm) {
            become(Role.FOLLOWER, message.term(), null);
        }
        switch (message.kind()) {
            case VOTE -> answerVote(message);
            case VOTE_REPLY -> countVote(message);
            case APPEND -> answerAppend(message);
            case APPEND_REPLY -> countAppend(message);
            case SNAPSHOT -> answerSnapshot(message);
        }
    }

    /** What is to be done now; null if nothing is. */
    @Nullable
    Ready ready() throws IOException {
        HardState hardState = new HardState(currentTerm, votedFor, commitIndex);
        HardState changed = hardState.equals(savedHardState) ? null : hardState;
        List<LogEntry> committed = new ArrayList<>();
        long applyFrom = unsavedSnapshot == null ? appliedIndex : unsavedSnapshot.index();
        for (long index = applyFrom + 1; index <= commitIndex; index++) {
            committed.add(entry(index));
        }
        if (unsavedSnapshot == null
                && changed == null
                && unsaved.isEmpty()
                && outbox.isEmpty()
                && committed.isEmpty()) {
            return null;
        }
        return new Ready(unsavedSnapshot, changed, List.copyOf(unsaved), List.copyOf(outbox), committed);
    }

    /** What {@link #ready} asked for is done. */
    void advance(Ready done) throws IOException {
        if (done.hardState() != null) {
            savedHardState = done.hardState();
        }
        unsaved.clear();
        unsavedFirstIndex = storage.lastIndex() + 1;
        unsavedSnapshot = null;
        outbox.clear();
        appliedIndex = Math.max(
                appliedIndex, done.snapshot() == null ? 0 : done.snapshot().index());
        appliedIndex += done.committedEntries().size();
        if (role == Role.LEADER) {
            matchIndex.put(id, lastIndex()); // only now: the leader's own copy counts once it is durable
            advanceCommitIndex();
        }
    }

    // ---- elections (§5.2, §5.4.1) ----

    private void campaign() throws IOException {
        become(Role.CANDIDATE, currentTerm + 1, Integer.toString(id));
        votes.clear();
        votes.add(id);
        long lastIndex = lastIndex();
        for (int peer = 0; peer < servers; peer++) {
            if (peer != id) {
                send(Message.Kind.VOTE, peer, lastIndex, term(lastIndex), false, List.of(), null);
            }
        }
        winIfElected();
    }

    private void answerVote(Message request) throws IOException {
        long lastIndex = lastIndex();
        long lastTerm = term(lastIndex);
        boolean upToDate =
                request.logTerm() > lastTerm || (request.logTerm() == lastTerm && request.index() >= lastIndex);
        String candidate = Integer.toString(request.from());
        boolean granted = request.term() == currentTerm && upToDate && (votedFor == null || votedFor.equals(candidate));
        if (granted) {
            votedFor = candidate;
            resetElection();
        }
        send(Message.Kind.VOTE_REPLY, request.from(), 0, 0, granted, List.of(), null);
    }

    private void countVote(Message reply) throws IOException {
        if (role == Role.CANDIDATE && reply.term() == currentTerm && reply.granted()) {
            votes.add(reply.from());
            winIfElected();
        }
    }

    private void winIfElected() throws IOException {
        if (2 * votes.size() <= servers) {
            return;
        }
        role = Role.LEADER;
        ticksSinceHeard = 0;
        matchIndex.clear();
        for (int server = 0; server < servers; server++) {
            nextIndex.put(server, lastIndex() + 1);
            matchIndex.put(server, 0L);
        }
        append(LogEntry.of(lastIndex() + 1, currentTerm, new byte[0])); // §8: commits what earlier terms left
        broadcast();
    }

    private void become(Role next, long term, @Nullable String vote) {
        role = next;
        currentTerm = term;
        votedFor = vote;
        resetElection();
    }

    private void resetElection() {
        ticksSinceHeard = 0;
        electionTicks = ELECTION_TICKS + random.nextInt(ELECTION_TICKS);
    }

    // ---- replication (§5.3) ----

    private void broadcast() throws IOException {
        for (int peer = 0; peer < servers; peer++) {
            if (peer != id) {
                replicate(peer);
            }
        }
    }

    private void replicate(int peer) throws IOException {
        long next = nextIndex.getOrDefault(peer, 1L);
        long previous = next - 1;
        try {
            long previousTerm = term(previous);
            send(Message.Kind.APPEND, peer, previous, previousTerm, false, entriesFrom(next), null);
        } catch (StorageException.Compacted e) {
            sendSnapshot(peer);
        }
    }

    private void sendSnapshot(int peer) throws IOException {
        try (var stored = storage.snapshot()) {
            SentSnapshot snapshot = SentSnapshot.copyOf(stored);
            send(Message.Kind.SNAPSHOT, peer, snapshot.index(), snapshot.term(), false, List.of(), snapshot);
        } catch (UnavailableException e) {
            throw new IllegalStateException("the log was released, but there is no snapshot", e);
        }
    }

    private void answerAppend(Message request) throws IOException {
        if (request.term() < currentTerm) {
            send(Message.Kind.APPEND_REPLY, request.from(), lastIndex(), 0, false, List.of(), null);
            return;
        }
        follow();
        if (request.index() < commitIndex && request.index() + request.entries().size() <= commitIndex) {
            send(Message.Kind.APPEND_REPLY, request.from(), commitIndex, 0, true, List.of(), null);
            return;
        }
        if (!holds(request.index(), request.logTerm())) {
            long hint = Math.min(lastIndex(), request.index() - 1);
            send(Message.Kind.APPEND_REPLY, request.from(), Math.max(commitIndex, hint), 0, false, List.of(), null);
            return;
        }
        for (LogEntry entry : request.entries()) {
            if (!holds(entry.index(), entry.term())) {
                append(entry);
            }
        }
        long last = request.index() + request.entries().size();
        commitIndex = Math.max(commitIndex, Math.min(request.commitIndex(), last));
        send(Message.Kind.APPEND_REPLY, request.from(), last, 0, true, List.of(), null);
    }

    private void countAppend(Message reply) throws IOException {
        if (role != Role.LEADER || reply.term() != currentTerm) {
            return;
        }
        int peer = reply.from();
        if (!reply.granted()) {
            long next = Math.max(1, Math.min(reply.index() + 1, nextIndex.getOrDefault(peer, 1L) - 1));
            nextIndex.put(peer, Math.max(next, matchIndex.getOrDefault(peer, 0L) + 1));
            replicate(peer);
            return;
        }
        matchIndex.merge(peer, reply.index(), Math::max);
        nextIndex.merge(peer, reply.index() + 1, Math::max);
        advanceCommitIndex();
        if (nextIndex.getOrDefault(peer, 1L) <= lastIndex()) {
            replicate(peer);
        }
    }

    private void answerSnapshot(Message request) throws IOException {
        if (request.term() < currentTerm || request.snapshot() == null) {
            return;
        }
        follow();
        SentSnapshot snapshot = request.snapshot();
        if (snapshot.index() > commitIndex) {
            if (holds(snapshot.index(), snapshot.term())) {
                commitIndex = snapshot.index(); // it only says that the entries up to there are committed
            } else {
                unsavedSnapshot = snapshot;
                unsaved.clear();
                unsavedFirstIndex = snapshot.index() + 1;
                commitIndex = snapshot.index();
            }
        }
        send(Message.Kind.APPEND_REPLY, request.from(), commitIndex, 0, true, List.of(), null);
    }

    private void follow() {
        role = Role.FOLLOWER;
        ticksSinceHeard = 0;
    }

    /** §5.4.2: only an entry of the current term is committed by counting copies. */
    private void advanceCommitIndex() throws IOException {
        for (long index = lastIndex(); index > commitIndex && term(index) == currentTerm; index--) {
            long candidate = index;
            long copies = matchIndex.values().stream()
                    .filter(match -> match >= candidate)
                    .count();
            if (2 * copies > servers) {
                commitIndex = index;
                broadcast();
                return;
            }
        }
    }

    // ---- the log: what is saved, with what is not over it ----

    private void append(LogEntry entry) {
        if (entry.index() < unsavedFirstIndex) {
            unsaved.clear();
            unsavedFirstIndex = entry.index();
        }
        while (unsavedFirstIndex + unsaved.size() > entry.index()) {
            unsaved.remove(unsaved.size() - 1);
        }
        unsaved.add(entry);
    }

    private long lastIndex() {
        return unsavedFirstIndex + unsaved.size() - 1;
    }

    private long snapshotIndex() throws IOException {
        try (var stored = storage.snapshot()) {
            return stored.index();
        } catch (UnavailableException e) {
            return 0;
        }
    }

    private long term(long index) throws IOException {
        if (index >= unsavedFirstIndex) {
            return unsaved.get((int) (index - unsavedFirstIndex)).term();
        }
        return unsavedSnapshot != null && unsavedSnapshot.index() == index
                ? unsavedSnapshot.term()
                : storage.term(index);
    }

    private boolean holds(long index, long term) throws IOException {
        if (index > lastIndex()) {
            return false;
        }
        try {
            return term(index) == term;
        } catch (StorageException.Compacted e) {
            return index <= commitIndex; // what a snapshot covers is committed, so it is the same everywhere
        }
    }

    private LogEntry entry(long index) throws IOException {
        return index >= unsavedFirstIndex
                ? unsaved.get((int) (index - unsavedFirstIndex))
                : storage.entries(index, index, 0).get(0);
    }

    private List<LogEntry> entriesFrom(long first) throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        if (first < unsavedFirstIndex) {
            entries.addAll(storage.entries(first, unsavedFirstIndex - 1, MAX_APPEND_BYTES));
        }
        if (first + entries.size() >= unsavedFirstIndex) {
            entries.addAll(unsaved.subList((int) (first + entries.size() - unsavedFirstIndex), unsaved.size()));
        }
        return entries;
    }

    private void send(
            Message.Kind kind,
            int to,
            long index,
            long logTerm,
            boolean granted,
            List<LogEntry> entries,
            @Nullable SentSnapshot snapshot) {
        outbox.add(new Message(kind, id, to, currentTerm, index, logTerm, commitIndex, granted, entries, snapshot));
    }
}
