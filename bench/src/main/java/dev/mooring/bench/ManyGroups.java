// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Many groups in one storage: saved, opened after a clean end and after a crash, dropped (rule GROUP-4). */
@Command(
        name = "groups",
        mixinStandardHelpOptions = true,
        description = "Time, memory and disk that many groups take, each with a vote and a few entries.")
final class ManyGroups implements Callable<Integer> {

    private static final int PAYLOAD_BYTES = 100;
    private static final int AT_ONCE = 1000;

    @Mixin
    private BackendPlace place = new BackendPlace();

    @Option(names = "--groups", paramLabel = "N", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
    private int groups;

    @Option(
            names = "--entries",
            paramLabel = "N",
            defaultValue = "10",
            description = "In each group. Default: ${DEFAULT-VALUE}.")
    private int entries;

    @Option(
            names = "--name-length",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of each group, up to 64. Default: no longer than it must be.")
    private int nameLength;

    @Override
    public Integer call() throws IOException {
        try {
            Path directory = place.directory();
            Path clean = directory.resolve("clean");
            Path crashed = directory.resolve("crashed");
            System.out.printf(
                    Locale.ROOT,
                    "%s, %,d groups of %,d entries of %d bytes%n",
                    place.backend(),
                    groups,
                    entries,
                    PAYLOAD_BYTES);
            try (RaftStorage storage = place.open(clean)) {
                Took saved = Took.by(() -> save(storage));
                System.out.printf(Locale.ROOT, "created and saved in %.2f s%n", saved.seconds());
                Place.copy(clean, crashed); // as a kill leaves it: what was saved is all there
            }
            System.out.printf(
                    Locale.ROOT, "%,d bytes on disk, the largest file %,d%n", Place.bytes(clean), largestFile(clean));
            measureOpening("a clean end", clean, false);
            measureOpening("a crash", crashed, true);
            return 0;
        } finally {
            place.remove();
        }
    }

    private void save(RaftStorage storage) throws IOException {
        List<CompletableFuture<Void>> saves = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            List<LogEntry> log = new ArrayList<>();
            for (int index = 1; index <= entries; index++) {
                log.add(LogEntry.of(index, 1, new byte[PAYLOAD_BYTES]));
            }
            saves.add(storage.group(name(i)).saveEntriesAsync(new TermAndVote(1, "n1"), log));
            if (saves.size() == AT_ONCE) {
                saves.forEach(CompletableFuture::join);
                saves.clear();
            }
        }
        saves.forEach(CompletableFuture::join);
    }

    private void measureOpening(String after, Path directory, boolean drops) throws IOException {
        long before = usedHeapBytes();
        RaftStorage[] opened = new RaftStorage[1];
        Took opening = Took.by(() -> {
            opened[0] = place.open(directory);
            for (int i = 0; i < groups; i++) {
                RaftGroup group = opened[0].group(name(i));
                if (group.lastIndex() != entries) {
                    throw new IOException(group.name() + " ends at " + group.lastIndex());
                }
            }
        });
        try (RaftStorage storage = opened[0]) {
            long held = usedHeapBytes() - before;
            System.out.printf(
                    Locale.ROOT,
                    "opened after %s in %.2f s; %,d bytes of heap, %,d a group, %.1f an entry%n",
                    after,
                    opening.seconds(),
                    held,
                    held / groups,
                    (double) held / groups / entries);
            if (drops) {
                Took dropping = Took.by(() -> {
                    for (int i = 0; i < groups; i++) {
                        storage.drop(name(i));
                    }
                });
                System.out.printf(
                        Locale.ROOT,
                        "dropped one after the other in %.2f s, %.2f ms each%n",
                        dropping.seconds(),
                        dropping.seconds() * 1000 / groups);
            }
        }
    }

    private static long usedHeapBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long largestFile(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            long largest = 0;
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                largest = Math.max(largest, Files.size(path));
            }
            return largest;
        }
    }

    private String name(int i) {
        String name = "group-" + i;
        return name + "x".repeat(Math.max(0, nameLength - name.length()));
    }
}
