// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.zip.CRC32C;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A snapshot saved and loaded, against a file copied and read with a checksum and a force. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        description =
                "Saves and loads a snapshot of one file, in turn with a plain copy and a plain read, both with CRC-32C.")
final class Snapshots implements Callable<Integer> {

    private static final int BUFFER_BYTES = 1 << 20;

    @Mixin
    private BackendPlace place = new BackendPlace();

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "1073741824",
            description = "Default: ${DEFAULT-VALUE}.")
    private long bytes;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "6", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds;

    private final byte[] buffer = new byte[BUFFER_BYTES];

    @Override
    public Integer call() throws IOException {
        try {
            Path directory = place.directory();
            Path source = directory.resolve("source");
            writeSource(source);
            List<Took> copies = new ArrayList<>();
            List<Took> saves = new ArrayList<>();
            List<Took> reads = new ArrayList<>();
            List<Took> loads = new ArrayList<>();
            try (RaftStorage storage = place.open(directory.resolve("storage"))) {
                RaftGroup group = storage.group("g");
                for (int round = 1; round <= rounds; round++) {
                    int index = round;
                    if (round % 2 == 0) { // by turns: the second of two finds another state of the system's memory
                        saves.add(Took.by(() -> save(group, source, index)));
                    }
                    copies.add(Took.by(() -> copy(source, directory, index)));
                    if (round % 2 == 1) {
                        saves.add(Took.by(() -> save(group, source, index)));
                    }
                    reads.add(Took.by(() -> read(copyOf(directory, index))));
                    loads.add(Took.by(() -> load(group)));
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%,d bytes, %d rounds, heap of at most %,d bytes%n",
                    bytes,
                    rounds,
                    Runtime.getRuntime().maxMemory());
            printSpeeds(saves, copies, loads, reads);
            print("save", saves, "copy, checksum, force, removal", copies);
            print("load", loads, "read, checksum", reads);
            return 0;
        } finally {
            place.remove();
        }
    }

    private void printSpeeds(List<Took> saves, List<Took> copies, List<Took> loads, List<Took> reads) {
        System.out.printf(
                Locale.ROOT,
                "medians in MB a second: save %.0f, copy %.0f; load %.0f, read %.0f%n",
                megabytesPerSecond(saves),
                megabytesPerSecond(copies),
                megabytesPerSecond(loads),
                megabytesPerSecond(reads));
    }

    private double megabytesPerSecond(List<Took> all) {
        return bytes / 1e6 / Took.medianSeconds(all);
    }

    private static void print(String ours, List<Took> our, String plain, List<Took> plains) {
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f times the wall time and %.2f times the CPU time of %s (medians of pairs; wall %.2f to %.2f)%n",
                ours,
                Took.median(our, plains, Took::wallNanos),
                Took.median(our, plains, Took::cpuNanos),
                plain,
                Took.ratios(our, plains, Took::wallNanos)[0],
                Took.ratios(our, plains, Took::wallNanos)[our.size() - 1]);
    }

    private void writeSource(Path source) throws IOException {
        Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(source)) {
            for (long left = bytes; left > 0; left -= buffer.length) {
                random.nextBytes(buffer);
                out.write(buffer, 0, (int) Math.min(left, buffer.length));
            }
        }
    }

    private static Path copyOf(Path directory, int round) {
        return directory.resolve("copy-" + round);
    }

    /** Two copies are kept, as two snapshots are. */
    private void copy(Path source, Path directory, int round) throws IOException {
        Path target = copyOf(directory, round);
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(source);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                crc.update(buffer, 0, count);
                ByteBuffer left = ByteBuffer.wrap(buffer, 0, count);
                while (left.hasRemaining()) {
                    int ignored = out.write(left);
                }
            }
            out.force(true);
        }
        Files.deleteIfExists(copyOf(directory, round - 2));
    }

    private void save(RaftGroup group, Path source, int index) throws IOException {
        try (InputStream in = Files.newInputStream(source);
                SnapshotWriter writer = group.newSnapshot()) {
            try (OutputStream out = writer.newFile("content")) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    out.write(buffer, 0, count);
                }
            }
            writer.commit(index, 1, new TermAndVote(1, null));
        }
    }

    private void read(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                crc.update(buffer, 0, count);
            }
        }
    }

    private void load(RaftGroup group) throws IOException {
        try (Snapshot snapshot = Objects.requireNonNull(group.openSnapshot());
                InputStream in = snapshot.open("content")) {
            long found = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                found += count;
            }
            if (found != bytes) {
                throw new IOException("the snapshot has " + found + " bytes, not " + bytes);
            }
        }
        Arrays.fill(buffer, (byte) 0);
    }
}
