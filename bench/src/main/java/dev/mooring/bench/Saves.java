// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long durable saves take, against one write and one force of as many bytes into a file that is there already. */
@Command(
        name = "saves",
        mixinStandardHelpOptions = true,
        description = "Saves an entry at a time, in turn with plain writes that are forced; how long each took.")
final class Saves implements Callable<Integer> {

    private static final int FILE_BYTES = 16 << 20;
    private static final int KEPT_ENTRIES = 1000;

    @Mixin
    private Place place = new Place();

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
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try (FileChannel plain = plainFile();
                RaftStorage storage = place.open(place.directory().resolve("storage"))) {
            List<RaftGroup> groups = groups(storage);
            Latencies forced = new Latencies();
            Latencies saved = new Latencies();
            for (int round = 0; round < rounds; round++) {
                Latencies forcedNow = new Latencies();
                forcedNow.tookNanos(write(plain));
                Latencies savedNow = save(threads, groups);
                if (round > 0) {
                    forced.add(forcedNow);
                    saved.add(savedNow);
                }
            }
            print(forced, saved);
            return 0;
        } finally {
            threads.shutdown();
            place.remove();
        }
    }

    /** Written full and forced, so that what is written into it later changes nothing but bytes. */
    private FileChannel plainFile() throws IOException {
        Path file = place.directory().resolve("plain");
        Files.write(file, new byte[FILE_BYTES]);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.force(true);
        return channel;
    }

    private List<RaftGroup> groups(RaftStorage storage) throws IOException {
        List<RaftGroup> groups = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            RaftGroup group = storage.group("group-" + i);
            group.saveEntries(new TermAndVote(1, null), List.of());
            groups.add(group);
        }
        return groups;
    }

    private long[] write(FileChannel plain) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(payloadBytes);
        long[] tookNanos = new long[saves];
        long position = 0;
        for (int i = 0; i < saves; i++) {
            long began = System.nanoTime();
            position = position + payloadBytes > FILE_BYTES ? 0 : position;
            bytes.clear();
            while (bytes.hasRemaining()) {
                position += plain.write(bytes, position);
            }
            plain.force(false);
            tookNanos[i] = System.nanoTime() - began;
        }
        return tookNanos;
    }

    private Latencies save(ExecutorService threads, List<RaftGroup> groups)
            throws InterruptedException, ExecutionException {
        long began = System.nanoTime();
        List<Future<long[]>> running = new ArrayList<>();
        for (RaftGroup group : groups) {
            running.add(threads.submit(() -> save(group)));
        }
        Latencies all = new Latencies();
        for (Future<long[]> one : running) {
            all.tookNanos(one.get());
        }
        all.wallNanos(System.nanoTime() - began);
        return all;
    }

    private long[] save(RaftGroup group) throws IOException {
        long[] tookNanos = new long[saves];
        for (int i = 0; i < saves; i++) {
            long index = group.lastIndex() + 1;
            List<LogEntry> entry = List.of(LogEntry.of(index, 1, new byte[payloadBytes]));
            long began = System.nanoTime();
            group.saveEntries(null, entry);
            tookNanos[i] = System.nanoTime() - began;
            if (index % KEPT_ENTRIES == 0 && index > KEPT_ENTRIES) { // not timed, but on the same queue
                group.recordSnapshot(index - KEPT_ENTRIES, 1);
                group.releaseLock(index - KEPT_ENTRIES);
            }
        }
        return tookNanos;
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
