// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One call as it is generated, shrunk and printed: relative to whatever state it meets, so that it stays legal when calls
 * before it are left out. {@link Rebase} turns it into a {@link Call}. Prints itself as Java that can be pasted into a
 * test.
 */
public sealed interface Step {

    /** Saves one or more groups in one atomic change. */
    record Save(List<Part> parts) implements Step {
        public Save {
            parts = List.copyOf(parts);
        }

        @Override
        public String toString() {
            return "new Step.Save(List.of(" + parts.stream().map(Part::toString).collect(Collectors.joining(", "))
                    + "))";
        }
    }

    /**
     * What a save does to one group.
     *
     * @param group name of the group
     * @param back how many of the newest entries to delete first, as far as they are neither committed nor covered by a
     *     snapshot
     * @param count how many entries to add
     * @param payloadBytes length of each payload
     * @param termUp by how much to raise the current term; 0 leaves it
     * @param vote candidate to vote for, if the term is raised or no vote was cast in it; null casts none
     * @param commitUp by how much to raise the commit index, as far as the entries that stay allow
     * @param attachmentBytes length of the new attachment; 0 leaves the stored one alone
     */
    record Part(
            String group,
            int back,
            int count,
            int payloadBytes,
            int termUp,
            @Nullable String vote,
            int commitUp,
            int attachmentBytes) {

        @Override
        public String toString() {
            return "new Step.Part(" + quoted(group) + ", " + back + ", " + count + ", " + payloadBytes + ", " + termUp
                    + ", " + (vote == null ? "null" : quoted(vote)) + ", " + commitUp + ", " + attachmentBytes + ")";
        }
    }

    /** How the log relates to a snapshot that is saved. */
    enum Where {
        /** Ends inside the log at an entry of the same term: what follows is kept. */
        INSIDE,
        /** Ends inside the log at an entry of another term: the log is discarded. */
        CONFLICTING,
        /** Ends beyond the log: the log is discarded. */
        AHEAD
    }

    /**
     * Saves a snapshot pointer.
     *
     * @param distance from the last entry, back or ahead, at least 1 if ahead
     * @param termUp by how much to raise the current term in the same change
     */
    record Snapshot(String group, Where where, int distance, int termUp) implements Step {
        @Override
        public String toString() {
            return "new Step.Snapshot(" + quoted(group) + ", Step.Where." + where + ", " + distance + ", " + termUp
                    + ")";
        }
    }

    /**
     * Releases entries covered by the snapshot.
     *
     * @param keep how many of the covered entries to keep
     */
    record Release(String group, int keep) implements Step {
        @Override
        public String toString() {
            return "new Step.Release(" + quoted(group) + ", " + keep + ")";
        }
    }

    /** Drops a group. */
    record Drop(String group) implements Step {
        @Override
        public String toString() {
            return "new Step.Drop(" + quoted(group) + ")";
        }
    }

    /** Closes the storage and opens it again. */
    record Reopen() implements Step {
        @Override
        public String toString() {
            return "new Step.Reopen()";
        }
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
