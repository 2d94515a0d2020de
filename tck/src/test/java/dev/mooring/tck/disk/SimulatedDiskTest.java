// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SimulatedDiskTest {

    private final SimulatedDisk disk = SimulatedDisk.create(7, DiskModel.STRICT);
    private final Path root = disk.root();

    @Test
    void stableFileWorksOnIt() throws IOException {
        Path target = root.resolve("identity");
        StableFile.replace(target, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        StableFile.replace(target, ByteBuffer.wrap(new byte[] {4, 5}));
        assertThat(Files.readAllBytes(target)).containsExactly(4, 5);
        try (Stream<Path> list = Files.list(root)) {
            assertThat(list).containsExactly(target);
        }
        assertThat(disk.openFiles()).isEmpty();
        assertThat(disk.calls(Operation.FORCE)).isEqualTo(2);
        assertThat(disk.calls(Operation.FORCE_DIRECTORY)).isEqualTo(2);
    }

    @Test
    void anInterruptClosesAFileChannelButNotAStableFile() throws IOException {
        Path file = Files.write(root.resolve("f"), new byte[10]);
        try (FileChannel channel = FileChannel.open(file, READ);
                StableFile stable = StableFile.open(file, READ)) {
            Thread.currentThread().interrupt();
            assertThat(stable.read(ByteBuffer.allocate(4), 0)).isEqualTo(4);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(4), 0))
                    .isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(channel.isOpen()).isFalse();
            assertThat(stable.read(ByteBuffer.allocate(4), 0)).isEqualTo(4);
        }
    }

    @Test
    void aRemovedFileLivesUntilItIsClosed() throws IOException {
        Path file = Files.write(root.resolve("f"), new byte[] {9, 9});
        try (StableFile open = StableFile.open(file, READ)) {
            Files.delete(file);
            assertThat(open.read(ByteBuffer.allocate(4), 0)).isEqualTo(2);
            assertThat(disk.usedBytes()).isEqualTo(4096);
            assertThat(disk.image().files()).isEmpty();
        }
        assertThat(disk.usedBytes()).isZero();
    }

    @Test
    void aLockKeepsOthersOutUntilItsProcessDies() throws IOException {
        Path file = root.resolve("LOCK");
        FileChannel first = FileChannel.open(file, CREATE, WRITE);
        FileLock lock = first.tryLock();
        assertThat(lock.isValid()).isTrue();
        try (FileChannel second = FileChannel.open(file, WRITE)) {
            assertThatThrownBy(second::tryLock).isInstanceOf(OverlappingFileLockException.class);
        }
        disk.kill();
        assertThat(lock.isValid()).isFalse();
        assertThatThrownBy(() -> first.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        try (FileChannel second = FileChannel.open(file, WRITE)) {
            assertThat(second.tryLock().isValid()).isTrue();
        }
    }

    @Test
    void fileKeysTellFilesAndDisksApart() throws IOException {
        Path file = Files.write(root.resolve("a"), new byte[1]);
        Path other = Files.write(root.resolve("b"), new byte[1]);
        Path moved = Files.move(file, root.resolve("c"));
        SimulatedDisk copy = SimulatedDisk.mount(disk.image(), 1, DiskModel.STRICT);
        assertThat(key(moved)).isNotEqualTo(key(other)).isEqualTo(key(root.resolve("./c")));
        assertThat(key(copy.root().resolve("c"))).isNotEqualTo(key(moved));
        assertThat(Files.readAllBytes(copy.root().resolve("c"))).hasSize(1);
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Test
    void ownerOnlyPermissionsAreKept() throws IOException {
        Path made = Files.createDirectory(
                root.resolve("data"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("r-x------"));
        assertThat(Files.isWritable(made)).isFalse();
    }

    @Test
    void everyOpenChannelIsCounted() throws IOException {
        FileChannel channel = FileChannel.open(root.resolve("f"), CREATE_NEW, WRITE);
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
            assertThat(stream).containsExactly(root.resolve("f"));
            assertThat(disk.openFiles()).containsExactly("/f", "/");
        }
        assertThat(disk.openFiles()).containsExactly("/f");
        channel.close();
        channel.close();
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void faultsHitTheCallsTheyName() throws IOException {
        Path file = root.resolve("data");
        try (FileChannel channel = FileChannel.open(file, CREATE, WRITE)) {
            disk.inject(Fault.once(Operation.FORCE, 2, Failure.EIO).on("data"));
            channel.force(false);
            assertThatThrownBy(() -> channel.force(false))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Input/output error");
            channel.force(false);
            disk.inject(Fault.from(Operation.WRITE, 1, Failure.SHORT_WRITE));
            ByteBuffer source = ByteBuffer.allocate(1000);
            int count = channel.write(source);
            assertThat(count).isBetween(1, 999);
            assertThat(source.position()).isEqualTo(count);
        }
        disk.heal();
        disk.inject(Fault.once(Operation.RENAME, 1, Failure.EIO));
        assertThatThrownBy(() -> Files.move(file, root.resolve("other"))).isInstanceOf(FileSystemException.class);
        disk.inject(Fault.once(Operation.OPEN, 1, Failure.EACCES));
        assertThatThrownBy(() -> Files.readAllBytes(file)).isInstanceOf(AccessDeniedException.class);
        assertThat(Files.exists(file)).isTrue();
    }

    @Test
    void aReadMayBeShortAndAQuestionMayFail() throws IOException {
        Path file = Files.write(root.resolve("f"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        disk.inject(Fault.once(Operation.READ, 1, Failure.SHORT_READ));
        ByteBuffer target = ByteBuffer.allocate(8);
        try (FileChannel channel = FileChannel.open(file, READ)) {
            int first = channel.read(target, 0);
            assertThat(first).isBetween(1, 7);
            assertThat(channel.read(target, first)).isEqualTo(8 - first);
        }
        assertThat(target.array()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);

        disk.inject(Fault.from(Operation.STAT, 1, Failure.EIO));
        assertThat(Files.exists(file))
                .as("the JDK takes what it can not see for missing")
                .isFalse();
        assertThatThrownBy(() -> StableFile.exists(file)).hasMessageEndingWith("Input/output error");
        disk.heal();
        assertThat(StableFile.exists(file)).isTrue();
        assertThat(StableFile.exists(root.resolve("g"))).isFalse();
    }

    @Test
    void aFullDiskTakesWhatFitsAndThenNothing() throws IOException {
        disk.limitBytes(3 * 4096);
        try (FileChannel channel = FileChannel.open(root.resolve("f"), CREATE, WRITE)) {
            assertThat(channel.write(ByteBuffer.allocate(20_000), 100)).isEqualTo(3 * 4096 - 100);
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1), 3 * 4096))
                    .hasMessage("No space left on device");
            assertThat(channel.write(ByteBuffer.allocate(50), 0)).isEqualTo(50);
        }
        assertThat(Files.getFileStore(root).getUsableSpace()).isZero();
        assertThat(Files.getFileStore(root)).isEqualTo(Files.getFileStore(root.resolve("f")));
        Files.delete(root.resolve("f"));
        Files.write(root.resolve("g"), new byte[5000]);
        assertThat(disk.usedBytes()).isEqualTo(2 * 4096);
    }

    @Test
    void openFilesAndChangesCanBeLimited() throws IOException {
        Files.write(root.resolve("f"), new byte[5]);
        disk.limitOpenFiles(2);
        List<FileChannel> open = new ArrayList<>();
        open.add(FileChannel.open(root.resolve("f")));
        open.add(FileChannel.open(root.resolve("f")));
        assertThatThrownBy(() -> FileChannel.open(root.resolve("f"))).hasMessageContaining("Too many open files");
        open.get(0).close();
        open.set(0, FileChannel.open(root.resolve("f")));
        disk.heal();
        disk.readOnly();
        assertThatThrownBy(() -> Files.write(root.resolve("g"), new byte[1])).hasMessageContaining("Read-only");
        assertThatThrownBy(() -> Files.write(root.resolve("f"), new byte[1])).hasMessageContaining("Read-only");
        assertThat(Files.readAllBytes(root.resolve("f"))).hasSize(5);
        disk.kill();
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void damageChangesTheImageItIsDoneToAndNoOther() throws IOException {
        Path directory = Files.createDirectory(root.resolve("d"));
        byte[] bytes = new byte[10_000];
        Arrays.fill(bytes, (byte) 5);
        Files.write(directory.resolve("f"), bytes);
        Files.write(directory.resolve("g"), new byte[] {1, 1, 1});
        DiskImage old = disk.image();
        Files.write(directory.resolve("g"), new byte[] {2});
        DiskImage image = disk.image();

        assertThat(image.flipBit("/d/f", 5000, 1).read("/d/f")[5000]).isEqualTo((byte) 7);
        assertThat(image.zero("/d/f", 9000, 4096).read("/d/f")).hasSize(10_000).endsWith(0, 0);
        assertThat(image.misdirect("/d/f", 0, "/d/g", 0, 512).read("/d/g")).containsExactly(5);
        assertThat(image.resize("/d/f", 3).read("/d/f")).containsExactly(5, 5, 5);
        assertThat(image.remove("/d/f").files()).containsOnlyKeys("/d/g");
        assertThat(image.restore("/d/g", old).read("/d/g")).containsExactly(1, 1, 1);
        assertThat(image.restore("/d/g", 0, 512, old).read("/d/g")).containsExactly(1);
        assertThat(old.restore("/d/g", 0, 2, image).read("/d/g")).containsExactly(2, 0, 1);
        assertThat(image.remove("/d").files()).isEmpty();
        assertThat(image.read("/d/f")).isEqualTo(bytes);
        assertThat(image.flipBit("/d/f", 1, 0).contentHash()).isNotEqualTo(image.contentHash());
        assertThat(image.flipBit("/d/f", 1, 0).flipBit("/d/f", 1, 0).contentHash())
                .isEqualTo(image.contentHash());
        assertThatThrownBy(() -> image.read("/d/h")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void whatIsDamagedUnderAnOpenFileIsReadAtOnce() throws IOException {
        Path file = root.resolve("f");
        Files.write(file, new byte[] {1, 2, 3});
        DiskImage before = disk.image();
        try (FileChannel channel = FileChannel.open(file)) {
            disk.damage("/f", 1, new byte[] {9, 9, 9});
            ByteBuffer read = ByteBuffer.allocate(10);
            channel.read(read, 0);
            assertThat(Arrays.copyOf(read.array(), read.position())).containsExactly(1, 9, 9);
        }
        assertThat(before.read("/f")).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> disk.damage("/g", 0, new byte[1])).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void theSameCallsLeaveTheSameLog() throws IOException {
        List<String> logs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SimulatedDisk one = SimulatedDisk.create(3, DiskModel.JOURNALLED);
            one.inject(Fault.from(Operation.WRITE, 1, Failure.SHORT_WRITE));
            one.started(1);
            try (FileChannel channel = FileChannel.open(one.root().resolve("f"), CREATE, WRITE)) {
                ByteBuffer source = ByteBuffer.allocate(100_000);
                while (source.hasRemaining()) {
                    channel.write(source);
                }
                channel.force(false);
            }
            one.acknowledged(1);
            logs.add(one.recording().toString());
        }
        assertThat(logs.get(0)).isEqualTo(logs.get(1)).contains("write /f", "force /f", "-- acknowledged 1");
    }
}
