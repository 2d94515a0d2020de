// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much disk a storage takes while as much is released as saved (rule REL-3). */
@Command(
        name = "space",
        mixinStandardHelpOptions = true,
        description =
                "Disk use while entries are saved and released: the largest seen, against the live bytes. Exit status 1"
                        + " if 'files' takes more than three times these and four segments.")
final class Space implements Callable<Integer> {

    private static final int ABOVE_THE_BOUND = 1;
    private static final long SEGMENT_BYTES = 16 << 20;
    private static final int OVERHEAD_BYTES = 16; // of an entry: term, checksum, length
    private static final int SLOW_ONE_IN = 100;

    @Mixin
    private BackendPlace place = new BackendPlace();

    @Option(names = "--groups", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private int groups;

    @Option(names = "--slow", description = "The first group saves in one round of " + SLOW_ONE_IN + " only.")
    private boolean slow;

    @Option(
            names = "--live-bytes",
            paramLabel = "N",
            defaultValue = "8000000",
            description = "What all groups together keep, at least. Default: ${DEFAULT-VALUE}.")
    private long liveBytes;

    @Option(
            names = "--payload-bytes",
            paramLabel = "N",
            defaultValue = "4000",
            description = "Default: ${DEFAULT-VALUE}.")
    private int payloadBytes;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "How often the bound, three times the live bytes and four segments, is written. Default: ${DEFAULT-VALUE}.")
    private int times;

    private long written;
    private long largest;
    private long largestAboveLive = Long.MIN_VALUE;
    private long largestLive;

    @Override
    public Integer call() throws IOException {
        try {
            Path directory = place.directory();
            try (RaftStorage storage = place.open(directory.resolve("storage"))) {
                run(storage);
            }
            print();
            // the engines of the others have bounds of their own, which their pages name
            boolean isBounded = !place.backend().equals("files") || largestAboveLive <= 4 * SEGMENT_BYTES;
            return isBounded ? 0 : ABOVE_THE_BOUND;
        } finally {
            place.remove();
        }
    }

    private void run(RaftStorage storage) throws IOException {
        List<RaftGroup> all = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            RaftGroup group = storage.group("group-" + i);
            group.saveEntries(new TermAndVote(1, null), List.of());
            all.add(group);
        }
        long keep = Math.max(1, liveBytes / groups / payloadBytes);
        int batch = (int) Math.max(1, Math.min(64, keep / 4));
        long enough = times * (3 * liveBytes + 4 * SEGMENT_BYTES);
        for (long round = 0; written < enough; round++) {
            List<CompletableFuture<Void>> saves = new ArrayList<>();
            for (RaftGroup group : all) {
                if (!isIdle(group, round)) {
                    saves.add(group.saveEntriesAsync(null, entries(group.lastIndex() + 1, batch)));
                    written += (long) batch * payloadBytes;
                }
            }
            saves.forEach(CompletableFuture::join);
            for (RaftGroup group : all) {
                if (group.lastIndex() - group.firstIndex() >= 2 * keep) {
                    group.recordSnapshot(group.lastIndex() - keep, 1);
                    group.releaseLock(group.lastIndex() - keep);
                }
            }
            measure(all, storage.directory());
        }
    }

    private boolean isIdle(RaftGroup group, long round) {
        return slow && group.name().equals("group-0") && round % SLOW_ONE_IN != 0;
    }

    private List<LogEntry> entries(long first, int count) {
        List<LogEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(LogEntry.of(first + i, 1, new byte[payloadBytes]));
        }
        return entries;
    }

    private void measure(List<RaftGroup> all, Path directory) throws IOException {
        long live = 0;
        for (RaftGroup group : all) {
            live += (group.lastIndex() - group.firstIndex() + 1) * (payloadBytes + OVERHEAD_BYTES);
        }
        long used = Place.bytes(directory);
        largest = Math.max(largest, used);
        largestAboveLive = Math.max(largestAboveLive, used - 3 * live);
        largestLive = Math.max(largestLive, live);
    }

    private void print() {
        System.out.printf(
                Locale.ROOT,
                "%s, %d groups%s: %,d bytes written in payloads of %,d; disk use at most %,d bytes, with at most %,d live%n",
                place.backend(),
                groups,
                slow ? ", one slow" : "",
                written,
                payloadBytes,
                largest,
                largestLive);
        System.out.printf(
                Locale.ROOT,
                "three times the live bytes, and at most %.2f segments of 16 MiB more%n",
                (double) largestAboveLive / SEGMENT_BYTES);
    }
}
