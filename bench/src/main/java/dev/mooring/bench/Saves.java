// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.RaftStorage;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long durable saves take, against one write and one force of as many bytes into a file that is there already. */
@Command(
        name = "saves",
        mixinStandardHelpOptions = true,
        description = "Saves an entry at a time, in turn with plain writes that are forced; how long each took.")
final class Saves implements Callable<Integer> {

    @Mixin
    private BackendPlace place = new BackendPlace();

    @Option(
            names = "--callers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads that save at once, each into a group of its own. Default: ${DEFAULT-VALUE}.")
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
            defaultValue = "2000",
            description = "Of each caller, in each round. Default: ${DEFAULT-VALUE}.")
    private int saves;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description = "The first is not counted. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        try (PlainFile plain = PlainFile.in(place.directory());
                RaftStorage storage = place.open(place.directory().resolve("storage"));
                Callers saving = new Callers(storage, "group", callers)) {
            Latencies forced = new Latencies();
            Latencies saved = new Latencies();
            for (int round = 0; round < rounds; round++) {
                Latencies forcedNow = new Latencies();
                forcedNow.tookNanos(plain.write(saves, payloadBytes));
                Latencies savedNow = saving.save(saves, payloadBytes);
                if (round > 0) {
                    forced.add(forcedNow);
                    saved.add(savedNow);
                }
            }
            print(forced, saved);
            return 0;
        } finally {
            place.remove();
        }
    }

    private void print(Latencies forced, Latencies saved) {
        System.out.printf(
                Locale.ROOT,
                "%s, %d caller(s), payloads of %,d bytes, %,d saves%n",
                place.backend(),
                callers,
                payloadBytes,
                saved.count());
        System.out.printf(
                Locale.ROOT, "%-16s %9s %9s %9s %9s %9s%n", "ms", "50 %", "90 %", "99 %", "99.9 %", "longest");
        forced.print("write and force");
        saved.print("a save");
        System.out.printf(
                Locale.ROOT,
                "a save takes %.2f times as long as a write and a force (medians); %.2f saves in the time of one%n",
                (double) saved.nanosAt(0.5) / forced.nanosAt(0.5),
                saved.perSecond() / forced.perSecond());
    }
}
