// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Backends side by side: round by round they take turns, and with them plain writes that are forced. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Several backends in turn, with default options: how long saves take, an opening, and reading a log.")
final class Compare implements Callable<Integer> {

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Mixin
    private Place place = new Place();

    @Option(
            names = "--backends",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "files,lmdb,rocksdb,xodus",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<String> backends = List.of();

    @Option(
            names = "--callers",
            paramLabel = "N",
            defaultValue = "16",
            description = "Threads that save at once in the second part. Default: ${DEFAULT-VALUE}.")
    private int callers;

    @Option(
            names = "--payload-bytes",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Default: ${DEFAULT-VALUE}.")
    private int payloadBytes;

    @Option(
            names = "--saves",
            paramLabel = "N",
            defaultValue = "500",
            description = "Of each caller, in each round. Default: ${DEFAULT-VALUE}.")
    private int saves;

    @Option(
            names = "--entries",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Of the log that is opened and read. Default: ${DEFAULT-VALUE}.")
    private int entries;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description = "The first is not counted. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        if (rounds < 2 || backends.isEmpty() || Set.copyOf(backends).size() < backends.size()) {
            throw new ParameterException(
                    command.commandLine(), "There are at least two rounds, and each backend is named once");
        }
        try {
            printSaves(measureSaves(1), 1);
            printSaves(measureSaves(callers), callers);
            printLogs(measureLogs());
            return 0;
        } finally {
            place.remove();
        }
    }

    /** Answers the plain writes, then each backend. */
    private List<Latencies> measureSaves(int threads) throws IOException, InterruptedException, ExecutionException {
        try (PlainFile plain = PlainFile.in(place.directory());
                Contestants contestants = Contestants.open(place, backends, threads)) {
            List<Latencies> all = new ArrayList<>();
            for (int i = 0; i <= backends.size(); i++) {
                all.add(new Latencies());
            }
            for (int round = 0; round < rounds; round++) {
                for (int turn = 0; turn < all.size(); turn++) {
                    int i = (turn + round) % all.size(); // nobody always comes after the same one
                    Latencies now = i == 0 ? written(plain) : contestants.save(i - 1, saves, payloadBytes);
                    if (round > 0) {
                        all.get(i).add(now);
                    }
                }
            }
            return all;
        }
    }

    private Latencies written(PlainFile plain) throws IOException {
        Latencies written = new Latencies();
        written.tookNanos(plain.write(saves, payloadBytes));
        return written;
    }

    private List<StoredLog> measureLogs() throws IOException {
        List<StoredLog> logs = new ArrayList<>();
        for (String backend : backends) {
            logs.add(StoredLog.fill(place, backend, entries, payloadBytes));
        }
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < logs.size(); turn++) {
                logs.get((turn + round) % logs.size()).openAndRead(round > 0);
            }
        }
        return logs;
    }

    private void printSaves(List<Latencies> all, int threads) {
        Latencies forced = all.get(0);
        System.out.printf(
                Locale.ROOT,
                "%nSaves of %d caller(s), payloads of %,d bytes, %,d each%n",
                threads,
                payloadBytes,
                all.get(1).count());
        System.out.printf(
                Locale.ROOT, "%-16s %9s %9s %9s %9s %9s%n", "ms", "50 %", "90 %", "99 %", "99.9 %", "longest");
        forced.print("write and force");
        for (int i = 0; i < backends.size(); i++) {
            all.get(i + 1).print(backends.get(i));
        }
        for (int i = 0; i < backends.size(); i++) {
            Latencies saved = all.get(i + 1);
            System.out.printf(
                    Locale.ROOT,
                    "%-16s a save takes %.2f times as long as a write and a force (medians); %.2f saves in the time of"
                            + " one%n",
                    backends.get(i),
                    (double) saved.nanosAt(0.5) / forced.nanosAt(0.5),
                    saved.perSecond() / forced.perSecond());
        }
    }

    private void printLogs(List<StoredLog> logs) throws IOException {
        StoredLog first = logs.get(0);
        System.out.printf(
                Locale.ROOT, "%nA log of %,d entries, in the page cache; times are of %s%n", entries, first.backend());
        System.out.printf(
                Locale.ROOT,
                "%-16s %12s %9s %12s %9s %12s%n",
                "",
                "opening, s",
                "times",
                "reading, s",
                "times",
                "length");
        for (StoredLog log : logs) {
            System.out.printf(
                    Locale.ROOT,
                    "%-16s %12.3f %9.2f %12.3f %9.2f %12.2f%n",
                    log.backend(),
                    log.openingSeconds(),
                    log.openingSeconds() / first.openingSeconds(),
                    log.readingSeconds(),
                    log.readingSeconds() / first.readingSeconds(),
                    log.lengthBytes() / ((double) entries * payloadBytes));
        }
        System.out.println(
                "length of the files in bytes, for each byte of payload; what is a hole in them takes no space");
    }
}
