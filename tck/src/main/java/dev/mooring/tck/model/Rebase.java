// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns a step into the call that it stands for in the state that the model is in. The call keeps Raft's rules, as the
 * core would make sure of: nothing committed or covered is touched, terms never fall, the commit index never points above
 * an entry that stays.
 *
 * <p>What a step stands for does not depend on what was released, except that a release of nothing is left out.
 */
public final class Rebase {

    private Rebase() {}

    /** The call; null if the step means nothing in this state, such as the drop of a group that is not there. */
    public static @Nullable Call resolve(Step step, Model model) {
        if (step instanceof Step.Save save) {
            return save(save, model);
        } else if (step instanceof Step.Snapshot snapshot) {
            return snapshot(snapshot, model);
        } else if (step instanceof Step.Release release) {
            return release(release, model);
        } else if (step instanceof Step.Drop drop) {
            return model.groups().contains(drop.group()) ? new Call.Drop(model.sequence() + 1, drop.group()) : null;
        }
        return new Call.Reopen();
    }

    private static @Nullable Call save(Step.Save save, Model model) {
        Map<String, Update> updates = new LinkedHashMap<>();
        for (Step.Part part : save.parts()) {
            Update update = update(part, model);
            if (update != null) {
                updates.putIfAbsent(part.group(), update);
            }
        }
        return updates.isEmpty() ? null : new Call.Save(model.sequence() + 1, List.copyOf(updates.values()));
    }

    private static @Nullable Update update(Step.Part part, Model model) {
        String group = part.group();
        GroupState state = model.state(group);
        HardState old = state.hardState();
        long lastIndex = nextIndex(group, state, model) - 1;
        long untouchable = Math.max(
                old.commitIndex(),
                state.snapshot() == null ? -1 : state.snapshot().index());
        long held = state.lastIndex() - state.firstIndex() + 1;
        long keptIndex = Math.max(untouchable, lastIndex - Math.min(held, part.back()));
        Long truncateFrom = keptIndex < lastIndex ? Long.valueOf(keptIndex + 1) : null;

        long currentTerm = old.currentTerm() + part.termUp();
        String vote = old.votedFor();
        if (currentTerm > 0 && (part.termUp() > 0 || vote == null)) {
            vote = part.vote();
        }
        long commitIndex = Math.max(old.commitIndex(), Math.min(keptIndex, old.commitIndex() + part.commitUp()));
        if (model.entry(group, keptIndex) == null) {
            commitIndex = old.commitIndex();
        }
        HardState hardState = new HardState(currentTerm, vote, commitIndex);

        List<Entry> entries = new ArrayList<>();
        long termBefore = Math.max(0, termAt(group, keptIndex, state, model));
        for (int i = 0; i < part.count(); i++) {
            // a follower is sent entries of older terms too
            long term = i * 2 < part.count() ? Math.max(termBefore, currentTerm - 1) : currentTerm;
            entries.addAll(Payloads.run(group, keptIndex + 1 + i, 1, term, part.payloadBytes(), model.sequence() + 1));
        }
        ByteBuffer attachment = part.attachmentBytes() == 0
                ? null
                : ByteBuffer.wrap(Payloads.bytes(model.sequence(), part.attachmentBytes()));
        boolean sameHardState = hardState.equals(old);
        if (truncateFrom == null && entries.isEmpty() && sameHardState && attachment == null) {
            return null;
        }
        return new Update(group, truncateFrom, entries, sameHardState ? null : hardState, attachment);
    }

    private static @Nullable Call snapshot(Step.Snapshot step, Model model) {
        String group = step.group();
        GroupState state = model.state(group);
        HardState old = state.hardState();
        long currentTerm = old.currentTerm() + step.termUp();
        long lastIndex = nextIndex(group, state, model) - 1;
        long index = lastIndex + (step.where() == Step.Where.AHEAD ? Math.max(1, step.distance()) : -step.distance());
        if (state.snapshot() != null && index <= state.snapshot().index()) {
            return null;
        }
        long term = currentTerm;
        Long truncateFrom = null;
        if (step.where() != Step.Where.AHEAD) {
            Entry last = model.entry(group, index);
            if (last == null) {
                return null;
            }
            if (step.where() == Step.Where.INSIDE) {
                term = last.term();
            } else if (last.term() == currentTerm || index <= old.commitIndex()) {
                return null;
            }
        }
        if (step.where() != Step.Where.INSIDE && state.firstIndex() <= state.lastIndex()) {
            truncateFrom = state.firstIndex();
        }
        HardState hardState = new HardState(
                currentTerm, step.termUp() > 0 ? null : old.votedFor(), Math.max(old.commitIndex(), index));
        long sequence = model.sequence() + 1;
        // an engine that keeps the bytes itself records its snapshot and can not raise the term with it
        boolean external = step.termUp() == 0;
        return new Call.SaveSnapshot(
                sequence,
                new Update(group, truncateFrom, List.of(), hardState.equals(old) ? null : hardState, null),
                new SnapshotPointer(index, term, external, sequence));
    }

    private static @Nullable Call release(Step.Release step, Model model) {
        GroupState state = model.state(step.group());
        if (state.snapshot() == null) {
            return null;
        }
        long index = Math.min(state.snapshot().index() - step.keep(), state.lastIndex());
        return index < state.firstIndex() ? null : new Call.Release(step.group(), index);
    }

    /** Where the next entry goes: some groups count from 0, as Ratis does, others from 1, as the paper does. */
    private static long nextIndex(String group, GroupState state, Model model) {
        boolean untouched = state.lastIndex() < 0 && state.firstIndex() == 0 && model.entry(group, 0) == null;
        return untouched && group.length() % 2 == 1 ? 1 : state.lastIndex() + 1;
    }

    private static long termAt(String group, long index, GroupState state, Model model) {
        Entry entry = model.entry(group, index);
        if (entry != null) {
            return entry.term();
        }
        return state.snapshot() != null && state.snapshot().index() == index
                ? state.snapshot().term()
                : 0;
    }
}
