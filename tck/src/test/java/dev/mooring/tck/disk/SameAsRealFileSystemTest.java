// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulated disk is worth nothing unless programs can not tell it from a real one. */
final class SameAsRealFileSystemTest {

    private static final int STEPS = 4000;

    @TempDir
    private Path real;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theSameCallsGiveTheSameAnswersAndTheSameContents(long seed) throws IOException {
        Path simulated = Files.createDirectory(
                SimulatedDisk.create(seed, DiskModel.STRICT).root().resolve("top"));
        Side left = new Side(real);
        Side right = new Side(simulated);
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            Call call = Call.random(random);
            String expected = left.run(call);
            String actual = right.run(call);
            assertThat(actual).as("seed %d, step %d: %s", seed, step, call).isEqualTo(expected);

            if (step % 200 == 199) {
                assertThat(right.tree()).as("seed %d, step %d", seed, step).isEqualTo(left.tree());
            }
        }
        left.close();
        right.close();
    }

    /** One call, with everything that chance decides already decided. */
    private record Call(int kind, String name, String other, int channel, long position, int length, long seed) {

        static final int KINDS = 22;

        static Call random(Random random) {
            return new Call(
                    random.nextInt(KINDS),
                    name(random),
                    name(random),
                    random.nextInt(6),
                    random.nextInt(3) == 0 ? random.nextInt(40_000) : random.nextInt(900),
                    random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(700),
                    random.nextLong());
        }

        private static String name(Random random) {
            String[] names = {"a", "b", "c", "d", "d/x", "d/y", "e", "e/x", "e/d", "e/d/z", "./a", "missing/x"};
            return names[random.nextInt(names.length)];
        }

        byte[] bytes() {
            byte[] bytes = new byte[length];
            if (seed % 5 != 0) {
                new Random(seed).nextBytes(bytes);
            }
            return bytes;
        }
    }

    /** One of the two file systems, with the channels open on it. */
    private static final class Side {

        private final Path root;
        private final List<AutoCloseable> channels = new ArrayList<>(Arrays.asList(new AutoCloseable[6]));

        Side(Path root) {
            this.root = root;
        }

        String run(Call call) {
            try {
                return answer(call);
            } catch (ExecutionException e) {
                return e.getCause().getClass().getName();
            } catch (Exception e) {
                String reason = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
                if (e instanceof NoSuchFileException || "Not a directory".equals(reason)) {
                    return "absent"; // which of the two, where a file is on the way, differs between JDKs
                }
                return e instanceof ClosedChannelException
                        ? "closed"
                        : e.getClass().getName() + " " + reason;
            }
        }

        private String answer(Call call) throws Exception {
            Path path = root.resolve(call.name());
            Path other = root.resolve(call.other());
            ByteBuffer bytes = ByteBuffer.wrap(call.bytes());
            ByteBuffer target = ByteBuffer.allocate(call.length());
            AutoCloseable channel = channels.get(call.channel());
            switch (call.kind()) {
                case 0 -> Files.createDirectory(path);
                case 1 -> Files.createDirectories(path);
                case 2 -> Files.delete(path);
                case 3 -> {
                    return "" + Files.deleteIfExists(path);
                }
                case 4 -> Files.move(path, other, moveOptions(call));
                case 5 -> {
                    return names(path);
                }
                case 6 -> {
                    return Arrays.hashCode(Files.readAllBytes(path)) + " " + Files.size(path);
                }
                case 7, 8 -> open(call, FileChannel.open(path, openOptions(call)));
                case 9, 10 -> open(call, AsynchronousFileChannel.open(path, openOptions(call), null));
                case 11, 12 -> {
                    return channel instanceof FileChannel file
                            ? file.write(bytes, call.position()) + " " + file.size()
                            : channel instanceof AsynchronousFileChannel file
                                    ? file.write(bytes, call.position()).get() + " " + file.size()
                                    : "none";
                }
                case 13 -> {
                    return channel instanceof FileChannel file
                            ? file.write(bytes) + " " + file.position() + " " + file.size()
                            : "none";
                }
                case 14 -> {
                    return channel instanceof FileChannel file
                            ? file.read(target) + " " + file.position() + Arrays.hashCode(target.array())
                            : "none";
                }
                case 15 -> {
                    return channel instanceof FileChannel file
                            ? file.read(target, call.position()) + " " + Arrays.hashCode(target.array())
                            : channel instanceof AsynchronousFileChannel file
                                    ? file.read(target, call.position()).get() + " " + Arrays.hashCode(target.array())
                                    : "none";
                }
                case 16 -> {
                    return channel instanceof FileChannel file
                            ? file.truncate(call.position()).position() + " " + file.size()
                            : channel instanceof AsynchronousFileChannel file
                                    ? "" + file.truncate(call.position()).size()
                                    : "none";
                }
                case 17 -> {
                    if (channel instanceof FileChannel file) {
                        file.force(call.seed() % 2 == 0);
                        return "" + file.position(call.position()).position();
                    } else if (channel instanceof AsynchronousFileChannel file) {
                        file.force(true);
                        return "" + file.isOpen();
                    }
                }
                case 18 -> {
                    if (channel != null) {
                        channel.close();
                    }
                }
                case 19 -> {
                    try (OutputStream out = Files.newOutputStream(path)) {
                        out.write(call.bytes());
                    }
                }
                case 20 -> Files.copy(path, other, StandardCopyOption.REPLACE_EXISTING);
                default -> {
                    return Files.exists(path) + " " + Files.isDirectory(path) + " " + Files.isRegularFile(other)
                            + (Files.exists(path) && Files.exists(other) ? Files.isSameFile(path, other) : "")
                            + Files.isWritable(path);
                }
            }
            return "done";
        }

        private void open(Call call, AutoCloseable opened) throws Exception {
            AutoCloseable old = channels.set(call.channel(), opened);
            if (old != null) {
                old.close();
            }
        }

        private static Set<OpenOption> openOptions(Call call) {
            Random random = new Random(call.seed());
            Set<OpenOption> options = new HashSet<>();
            if (random.nextInt(4) != 0) {
                options.add(StandardOpenOption.READ);
            }
            if (random.nextInt(4) != 0) {
                options.add(StandardOpenOption.WRITE);
            }
            if (random.nextInt(8) == 0) {
                options.add(StandardOpenOption.APPEND);
            }
            if (random.nextBoolean()) {
                options.add(StandardOpenOption.CREATE);
            }
            if (random.nextInt(6) == 0) {
                options.add(StandardOpenOption.CREATE_NEW);
            }
            if (random.nextInt(4) == 0) {
                options.add(StandardOpenOption.TRUNCATE_EXISTING);
            }
            if (random.nextInt(8) == 0) {
                options.add(StandardOpenOption.DSYNC);
            }
            return options;
        }

        private static CopyOption[] moveOptions(Call call) {
            return switch ((int) Math.floorMod(call.seed(), 3L)) {
                case 0 -> new CopyOption[] {StandardCopyOption.ATOMIC_MOVE};
                case 1 -> new CopyOption[] {StandardCopyOption.REPLACE_EXISTING};
                default -> new CopyOption[0];
            };
        }

        private static String names(Path path) throws IOException {
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(path, "[a-y]*")) {
                stream.forEach(each -> names.add(each.getFileName().toString()));
            }
            return names.stream().sorted().toList().toString();
        }

        Map<String, String> tree() throws IOException {
            Map<String, String> tree = new TreeMap<>();
            try (Stream<Path> walk = Files.walk(root)) {
                for (Path path : (Iterable<Path>) walk::iterator) {
                    tree.put(
                            root.relativize(path).toString(),
                            Files.isDirectory(path) ? "directory" : Arrays.toString(Files.readAllBytes(path)));
                }
            }
            return tree;
        }

        void close() {
            for (AutoCloseable channel : channels) {
                try {
                    if (channel != null) {
                        channel.close();
                    }
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
