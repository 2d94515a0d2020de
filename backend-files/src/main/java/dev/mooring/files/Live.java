// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds what of a record's entries is still alive: in a log, at the very place the record stands. */
final class Live {

    private Live() {}

    /** The entries of a record; null if it has none. */
    static @Nullable EntryRun runOf(Change change) {
        if (change instanceof Change.Updated updated) {
            return updated.entries();
        }
        return change instanceof Change.Moved moved ? moved.entries() : null;
    }

    /** The first live entries of a run, and what of it was not looked at. */
    record Part(@Nullable EntryRun live, @Nullable EntryRun rest) {}

    static final Part NOTHING = new Part(null, null);

    /**
     * The first consecutive live entries of a run, up to {@code limit} bytes.
     *
     * @param firstLimit how large the first one alone may be
     */
    static Part part(GroupLog log, EntryRun run, long ordinal, long limit, long firstLimit) {
        int count = run.payloadBytes.length;
        long offset = run.offset;
        int from = 0;
        while (from < count && !log.isAt(run.firstIndex + from, Place.of(ordinal, offset))) {
            offset += EntryRun.bytesOf(run.payloadBytes[from]);
            from++;
        }
        long start = offset;
        long bytes = 0;
        int to = from;
        while (to < count && log.isAt(run.firstIndex + to, Place.of(ordinal, offset))) {
            long entry = EntryRun.bytesOf(run.payloadBytes[to]);
            if (bytes + entry > (to == from ? firstLimit : limit)) {
                break;
            }
            bytes += entry;
            offset += entry;
            to++;
        }
        EntryRun live = from == to ? null : slice(run, from, to, start);
        EntryRun rest = to == count ? null : slice(run, to, count, offset);
        return new Part(live, rest);
    }

    private static EntryRun slice(EntryRun run, int from, int to, long offset) {
        return new EntryRun(run.firstIndex + from, Arrays.copyOfRange(run.payloadBytes, from, to), offset);
    }
}
