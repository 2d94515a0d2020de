// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.TermAndVote;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.tck.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Calls that break Raft's rules in the state a group is in: the core must refuse every one of them. */
final class Trespasses {

    private final List<String> names = new ArrayList<>();
    private final List<Failures.Body> calls = new ArrayList<>();

    private Trespasses() {}

    static Trespasses against(RaftGroup group, GroupState state, Model model) {
        Trespasses all = new Trespasses();
        HardState held = state.hardState();
        long last = group.lastIndex();
        long term = held.currentTerm();
        long settled = Math.max(
                held.commitIndex(),
                state.snapshot() == null ? -1 : state.snapshot().index());
        Entry lastEntry = model.entry(group.name(), last);

        all.add("LOG-9: a gap", () -> group.append(List.of(entry(last + 3, term))));
        all.add("STATE-6: a term above the current one", () -> group.append(List.of(entry(last + 1, term + 1))));
        all.add("STATE-7: a commit index above the log", () -> group.commitIndex(last + 1));
        all.add("REL-4: a release of what no snapshot covers", () -> group.releaseLock(last + 1));
        if (lastEntry != null && lastEntry.term() > 0) {
            all.add("LOG-10: a falling term", () -> group.append(List.of(entry(last + 1, lastEntry.term() - 1))));
        }
        if (term > 0) {
            all.add(
                    "STATE-4: a term that goes back",
                    () -> group.saveEntries(new TermAndVote(term - 1, null), List.of()));
        }
        if (held.votedFor() != null) {
            all.add(
                    "STATE-4: a second vote",
                    () -> group.saveEntries(new TermAndVote(term, held.votedFor() + "x"), List.of()));
            all.add("STATE-4: a vote taken back", () -> group.saveEntries(new TermAndVote(term, null), List.of()));
        }
        if (settled >= 0) {
            all.add("STATE-5: a truncation of what is settled", () -> group.truncateFrom(settled));
            all.add("STATE-5: an entry over what is settled", () -> group.append(List.of(entry(settled, term))));
        }
        return all;
    }

    /** Tries one of them; {@code heard} is given the refusal. */
    void tryOne(Random random, Consumer<? super Throwable> heard) {
        int choice = random.nextInt(calls.size());
        String answer = "was accepted";
        try {
            calls.get(choice).run();
        } catch (IllegalArgumentException expected) {
            heard.accept(expected);
            return;
        } catch (Exception e) {
            answer = "threw " + e;
        }
        throw Check.fail(names.get(choice) + " " + answer + " instead of throwing an IllegalArgumentException");
    }

    private void add(String name, Failures.Body call) {
        names.add(name);
        calls.add(call);
    }

    private static LogEntry entry(long index, long term) {
        return LogEntry.of(index, term, new byte[] {1, 2, 3});
    }
}
