// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.hooks.Unforced;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StableFileTest {

    private static final OpenOption[] NEW = {
        StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE
    };

    private static final Set<Operation> FAILING = Set.of(Operation.READ, Operation.WRITE, Operation.TRUNCATE);

    @TempDir
    Path directory;

    private final List<Thread> threads = new ArrayList<>();

    @Test
    void whatIsWrittenIsReadFromAnyPosition() throws IOException {
        try (StableFile file = StableFile.open(directory.resolve("f"), NEW)) {
            file.write(bytes("hello"), 0);
            file.write(bytes("world"), 8); // a gap reads as zeros
            assertThat(read(file, 0, 100)).isEqualTo("hello\0\0\0world");
            assertThat(read(file, 8, 3)).isEqualTo("wor");
            assertThat(file.size()).isEqualTo(13);
            file.truncate(5);
            assertThat(read(file, 0, 100)).isEqualTo("hello");
        }
    }

    @Test
    void aReadAtTheEndIsShortAndBehindItEmpty() throws IOException {
        try (StableFile file = StableFile.open(directory.resolve("f"), NEW)) {
            file.write(bytes("hello"), 0);
            assertThat(file.read(ByteBuffer.allocate(10), 3)).isEqualTo(2);
            assertThat(file.read(ByteBuffer.allocate(10), 5)).isZero();
            assertThat(file.read(ByteBuffer.allocate(10), 500)).isZero();
            assertThat(file.read(ByteBuffer.allocate(0), 0)).isZero();
            ByteBuffer exact = ByteBuffer.allocate(5);
            file.readFully(exact, 0);
            assertThat(exact.hasRemaining()).isFalse();
            assertThatThrownBy(() -> file.readFully(ByteBuffer.allocate(7), 3))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContainingAll("f ends at 5", "5 bytes before the end");
        }
    }

    @Test
    void aFailureIsSaidWithTheFileAndThePlaceInIt() throws IOException {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (FAILING.contains(operation)) {
                throw new IOException("Input/output error");
            }
        });
        Path path = hooked.resolve("f");
        try (StableFile file = StableFile.open(path, NEW)) {
            assertThatThrownBy(() -> file.write(bytes("hello"), 4096))
                    .hasMessage("writing " + path + " at offset 4096: Input/output error");
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(10), 7))
                    .hasMessage("reading " + path + " at offset 7: Input/output error");
            assertThatThrownBy(() -> file.readFully(ByteBuffer.allocate(10), 7))
                    .hasMessage("reading " + path + " at offset 7: Input/output error");
            assertThatThrownBy(() -> file.truncate(5))
                    .hasMessage("truncating " + path + " at offset 5: Input/output error");
        }
    }

    @Test
    void theFailureOfALaterPieceIsSaidWithItsOwnPlace() throws IOException {
        int[] calls = {0};
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (FAILING.contains(operation) && ++calls[0] % 2 == 0) {
                throw new IOException("Input/output error");
            }
        });
        try (StableFile file = StableFile.open(hooked.resolve("f"), NEW)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(300 << 10), 1000))
                    .hasMessageEndingWith("f at offset " + (1000 + (256 << 10)) + ": Input/output error");
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(300 << 10), 1000))
                    .hasMessageEndingWith("f at offset " + (1000 + (256 << 10)) + ": Input/output error");
        }
    }

    @Test
    void aReadFillsOnlyWhatRemainsOfTheBuffer() throws IOException {
        try (StableFile file = StableFile.open(directory.resolve("f"), NEW)) {
            file.write(bytes("0123456789"), 0);
            ByteBuffer target = ByteBuffer.allocate(8).position(2).limit(5);
            assertThat(file.read(target, 4)).isEqualTo(3);
            assertThat(target.array()).containsExactly(0, 0, '4', '5', '6', 0, 0, 0);
        }
    }

    @Test
    void aClosedFileSaysSo() throws IOException {
        StableFile file = StableFile.open(directory.resolve("f"), NEW);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.write(bytes("x"), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::force).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void createdFilesAndDirectoriesAreForTheirOwnerOnly() throws IOException {
        StableFile.createDirectories(directory.resolve("a/b"));
        StableFile.open(directory.resolve("a/b/f"), NEW).close();
        StableFile.replace(directory.resolve("a/b/g"), bytes("x"));
        assertThat(permissions("a")).isEqualTo("rwx------");
        assertThat(permissions("a/b")).isEqualTo("rwx------");
        assertThat(permissions("a/b/f")).isEqualTo("rw-------");
        assertThat(permissions("a/b/g")).isEqualTo("rw-------");
    }

    @Test // READ-3
    void aThreadThatWasInterruptedBeforeUsesTheFileAsAnyOther() throws IOException {
        try (StableFile file = StableFile.open(directory.resolve("f"), NEW)) {
            Thread.currentThread().interrupt();
            file.write(bytes("hello"), 0);
            file.forceData();
            file.force();
            assertThat(read(file, 0, 10)).isEqualTo("hello");
            file.truncate(4);
            assertThat(file.tryLock()).isTrue();
            StableFile.replace(directory.resolve("g"), bytes("g"));
            StableFile.createDirectories(directory.resolve("a/b"));
            StableFile.forceTree(directory);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read(file, 0, 10)).isEqualTo("hell");
        }
    }

    @Test // READ-3
    void interruptsInTheMiddleDisturbNobody() throws Exception {
        int blockBytes = 256 * 1024;
        int blocks = 64;
        AtomicBoolean done = new AtomicBoolean();
        try (StableFile file = StableFile.open(directory.resolve("f"), NEW)) {
            CountDownLatch started = new CountDownLatch(3);
            List<FutureTask<Boolean>> tasks = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                int first = writer;
                tasks.add(start(() -> {
                    started.countDown();
                    for (int block = first; block < blocks; block += 2) {
                        file.write(ByteBuffer.wrap(pattern(block, blockBytes)), (long) block * blockBytes);
                        file.forceData();
                    }
                    return true;
                }));
            }
            tasks.add(start(() -> {
                started.countDown();
                while (!done.get()) {
                    file.read(ByteBuffer.allocate(blockBytes), 0);
                }
                return true;
            }));
            started.await();
            while (!tasks.get(0).isDone() || !tasks.get(1).isDone()) {
                interruptAll();
                Thread.onSpinWait();
            }
            done.set(true);
            for (FutureTask<Boolean> task : tasks) {
                assertThat(outcome(task)).isTrue();
            }
            for (int block = 0; block < blocks; block++) {
                ByteBuffer found = ByteBuffer.allocate(blockBytes);
                file.readFully(found, (long) block * blockBytes);
                assertThat(found.array()).isEqualTo(pattern(block, blockBytes));
            }
        }
    }

    @Test // FAULT-4
    void whereHandlesRunOutTheFirstFailureIsTheOneThatIsSaid() {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.OPEN) {
                throw new FileSystemException(path.toString(), null, "Too many open files");
            }
            if (operation
                    == Operation.READ_FILE_STORE) { // it reads the list of mounts, for which there is no handle either
                throw new IOException("Mount point not found");
            }
        });
        assertThatThrownBy(() -> StableFile.createDirectories(hooked.resolve("a/b")))
                .hasMessage(directory.getParent() + ": Too many open files")
                .hasSuppressedException(new IOException("Mount point not found"));
    }

    @Test
    void replacingIsAllOrNothingAtEveryStep() throws IOException {
        Path target = directory.resolve("f");
        StableFile.replace(target, bytes("old"));
        for (int steps = 0; steps < 20; steps++) {
            Path hooked =
                    HookedFileSystem.over(directory, HookedFileSystem.dyingAt(steps, () -> new IOException("killed")));
            try {
                StableFile.replace(hooked.resolve("f"), bytes("new"));
                assertThat(target).content().isEqualTo("new");
                assertThat(steps).isGreaterThan(4);
                return;
            } catch (IOException e) {
                assertThat(e).hasMessageEndingWith("killed");
                assertThat(Files.readString(target)).isIn("old", "new");
            }
        }
    }

    @Test // CRASH-5
    void replacingForcesTheFileBeforeTheRenameAndTheDirectoryAfterIt() throws IOException {
        List<String> steps = new ArrayList<>();
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation.isMutating()) {
                steps.add(operation + " " + path.getFileName());
            }
        });
        StableFile.replace(hooked.resolve("f"), bytes("new"));
        assertThat(steps)
                .containsExactly(
                        "CREATE f.tmp", "WRITE f.tmp", "FORCE f.tmp", "MOVE f", "FORCE " + directory.getFileName());
        assertThat(directory.resolve("f.tmp")).doesNotExist();
    }

    @Test
    void renamingGoesOverAnExistingFile() throws IOException {
        Path source = Files.writeString(directory.resolve("a"), "a");
        Path target = Files.writeString(directory.resolve("b"), "b");
        StableFile.rename(source, target);
        assertThat(target).content().isEqualTo("a");
        assertThat(source).doesNotExist();
        assertThatThrownBy(() -> StableFile.rename(source, target)).isInstanceOf(NoSuchFileException.class);
    }

    @Test // CRASH-5
    void aTreeIsForcedWholeEachDirectoryAfterWhatItHolds() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("x"), "x");
        Path tree = Files.createDirectories(directory.resolve("tree/a/b"))
                .getParent()
                .getParent();
        Files.writeString(tree.resolve("a/b/f"), "f");
        Files.writeString(tree.resolve("g"), "g");
        Files.createDirectory(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("link"), elsewhere);
        Files.setPosixFilePermissions(tree.resolve("g"), PosixFilePermissions.fromString("r--------"));
        List<String> forced = new ArrayList<>();
        Path hooked = HookedFileSystem.over(tree, (operation, path) -> {
            if (operation == Operation.FORCE) {
                forced.add(tree.relativize(path).toString());
            }
        });
        StableFile.forceTree(hooked);
        assertThat(forced)
                .containsExactlyInAnyOrder("a/b/f", "a/b", "a", "empty", "g", "")
                .endsWith("")
                .containsSubsequence("a/b/f", "a/b", "a");
        StableFile.forceTree(tree); // on the real one
    }

    @Test
    void aTreeBehindALinkIsForced() throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("f"), "f");
        Path link = Files.createSymbolicLink(directory.resolve("link"), tree);
        List<Path> forced = new ArrayList<>();
        StableFile.forceTree(HookedFileSystem.over(link, (operation, path) -> {
            if (operation == Operation.FORCE) {
                forced.add(path);
            }
        }));
        assertThat(forced).containsExactly(tree.resolve("f"), tree);
    }

    @Test
    void aFileOfATreeThatCanNotBeForcedIsAnError() throws IOException {
        Files.writeString(directory.resolve("f"), "f");
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.FORCE && path.endsWith("f")) {
                throw new IOException("Input/output error");
            }
        });
        assertThatThrownBy(() -> StableFile.forceTree(hooked))
                .hasMessageStartingWith("forcing /")
                .hasMessageEndingWith(": Input/output error");
        assertThatThrownBy(() -> StableFile.forceTree(directory.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test // CRASH-5
    void everyNewLevelIsDurableInItsParentBeforeTheNextIsMade() throws IOException {
        Unforced unforced = new Unforced();
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.CREATE_DIRECTORY) {
                assertThat(unforced.paths()).isEmpty();
            }
            unforced.before(operation, path);
        });
        StableFile.createDirectories(hooked.resolve("a/b/c"));
        assertThat(unforced.paths()).isEmpty();
        assertThat(directory.resolve("a/b/c")).isDirectory();
    }

    @Test // CRASH-2
    void theDeepestLevelFoundIsForcedTooForItsMakerMayHaveBeenKilled() throws IOException {
        Files.createDirectories(directory.resolve("a/b"));
        List<Path> forced = new ArrayList<>();
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.FORCE) {
                forced.add(path);
            }
        });
        StableFile.createDirectories(hooked.resolve("a/b/c"));
        assertThat(forced).containsExactly(directory.resolve("a"), directory.resolve("a/b"));
        forced.clear();
        StableFile.createDirectories(hooked.resolve("a/b/c"));
        assertThat(forced).containsExactly(directory.resolve("a/b"));
    }

    @Test // CRASH-4
    void levelsThatCouldNotBeMadeDurableAreRemovedAgain() {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.FORCE && path.equals(directory.resolve("a"))) {
                throw new IOException("Input/output error");
            }
        });
        assertThatThrownBy(() -> StableFile.createDirectories(hooked.resolve("a/b/c")))
                .hasMessageStartingWith("forcing /")
                .hasMessageEndingWith(": Input/output error");
        assertThat(directory.resolve("a")).doesNotExist();
    }

    @Test
    void aFileInTheWayOfADirectoryIsAnError() throws IOException {
        Files.writeString(directory.resolve("f"), "f");
        assertThatThrownBy(() -> StableFile.createDirectories(directory.resolve("f")))
                .isInstanceOf(NotDirectoryException.class);
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));
        assertThatThrownBy(() -> StableFile.createDirectories(directory.resolve("link/a")))
                .isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void aFileWithoutPermissionsIsCreatedWhereThereAreNone() throws IOException {
        Path plain = HookedFileSystem.plain(directory);
        StableFile.createDirectories(plain.resolve("a/b"));
        StableFile.open(plain.resolve("a/b/f"), NEW).close();
        assertThat(directory.resolve("a/b/f")).exists();
    }

    @Test
    void aSecondLockInThisProcessIsTold() throws IOException {
        Path path = directory.resolve("f");
        try (StableFile first = StableFile.open(path, NEW)) {
            assertThat(first.tryLock()).isTrue();
            assertThat(first.tryLock()).isTrue();
            try (StableFile second = StableFile.open(path, StandardOpenOption.WRITE)) {
                assertThatThrownBy(second::tryLock).isInstanceOf(OverlappingFileLockException.class);
            }
        }
        try (StableFile third = StableFile.open(path, StandardOpenOption.WRITE)) {
            assertThat(third.tryLock()).isTrue();
        }
    }

    private FutureTask<Boolean> start(Callable<Boolean> work) {
        FutureTask<Boolean> task = new FutureTask<>(work);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return task;
    }

    private void interruptAll() {
        threads.forEach(Thread::interrupt);
    }

    private static boolean outcome(FutureTask<Boolean> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new AssertionError("the file did not bear an interrupt", e.getCause());
        }
    }

    private String permissions(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(path)));
    }

    private static byte[] pattern(int block, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            bytes[i] = (byte) (block * 31 + i * 7 + 1);
        }
        return bytes;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(StableFile file, long position, int maxBytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(maxBytes);
        int count = file.read(target, position);
        return new String(target.array(), 0, count, StandardCharsets.UTF_8);
    }
}
