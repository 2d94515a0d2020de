// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CRASH-3, SNAP-5, SNAP-6 for the snapshots of a state machine. */
class MooringSnapshotStorageTest {

    @TempDir
    Path root;

    private Path directory;
    private MooringSnapshotStorage storage;

    @BeforeEach
    void newStorage() throws IOException {
        directory = Files.createDirectory(root.resolve("sm"));
        storage = reopened();
    }

    @Test
    void aSnapshotIsThereWithItsMd5AfterAReopen() throws Exception {
        assertThat(storage.getLatestSnapshot()).isNull();

        SingleFileSnapshotInfo saved = save(3, 17, "state at 17");

        assertThat(saved.getTermIndex()).isEqualTo(TermIndex.valueOf(3, 17));
        MD5FileUtil.verifySavedMD5(
                saved.getFile().getPath().toFile(), saved.getFile().getFileDigest());
        assertThat(reopened().getLatestSnapshot().getTermIndex()).isEqualTo(TermIndex.valueOf(3, 17));
        assertThat(saved.getFile().getPath()).content().isEqualTo("state at 17");
        SimpleStateMachineStorage ratisOwn = new SimpleStateMachineStorage();
        ratisOwn.init(raftStorage());
        assertThat(ratisOwn.getLatestSnapshot().getTermIndex()).isEqualTo(TermIndex.valueOf(3, 17));
    }

    @Test
    void aSnapshotThatFailsLeavesNoTrace() throws Exception {
        save(1, 5, "five");

        assertThatThrownBy(() -> storage.save(TermIndex.valueOf(1, 9), out -> {
                    out.write(new byte[600_000]);
                    throw new IOException("No space left on device");
                }))
                .hasMessage("No space left on device");

        assertThat(names(directory)).containsExactly("snapshot.1_5", "snapshot.1_5.md5");
        assertThat(storage.getLatestSnapshot().getIndex()).isEqualTo(5);
    }

    @Test
    void whatACrashLeftOfASnapshotIsRemoved() throws Exception {
        save(1, 5, "five");
        Files.writeString(directory.resolve("unfinished-snapshot.1_9"), "fi");
        Files.writeString(directory.resolve("snapshot.1_9.md5"), "0".repeat(32) + " *snapshot.1_9\n");

        storage = reopened();
        storage.cleanupOldSnapshots(keep(3));

        assertThat(storage.getLatestSnapshot().getIndex()).isEqualTo(5);
        assertThat(names(directory)).containsExactly("snapshot.1_5", "snapshot.1_5.md5");
    }

    @Test
    void theNewestIsTheOneWithTheHighestIndexAndDamageIsSetAside() throws Exception {
        save(1, 5, "five");
        save(2, 20, "twenty");
        save(2, 100, "hundred");
        Files.writeString(directory.resolve("snapshot.2_100"), "hundret");

        assertThat(reopened().getLatestSnapshot().getIndex()).isEqualTo(20);
        assertThat(directory.resolve("snapshot.2_100.corrupt")).exists();
    }

    @Test
    void aSnapshotWithoutItsMd5IsNotWhole() throws Exception {
        save(1, 5, "five");
        Files.writeString(directory.resolve("snapshot.1_9"), "nine");

        assertThat(reopened().getLatestSnapshot().getIndex()).isEqualTo(5);
    }

    @Test
    void cleaningUpKeepsTheNewest() throws Exception {
        for (long index = 1; index <= 5; index++) {
            save(1, index, "state " + index);
        }

        storage.cleanupOldSnapshots(new SnapshotRetentionPolicy() {}); // says: all
        assertThat(names(directory)).hasSize(10);
        storage.cleanupOldSnapshots(keep(2));

        assertThat(names(directory))
                .containsExactly("snapshot.1_4", "snapshot.1_4.md5", "snapshot.1_5", "snapshot.1_5.md5");
    }

    @Test
    void theSameSnapshotIsNotWrittenTwice() throws Exception {
        SingleFileSnapshotInfo first = save(1, 5, "five");

        assertThat(storage.save(TermIndex.valueOf(1, 5), out -> {
                    throw new IOException("not to be called");
                }))
                .isSameAs(first);
    }

    // RATIS-2430: the process died after the old directory was moved away and before the new one took its place
    @Test
    void anInstallThatWasInterruptedBetweenItsRenamesIsUndone() throws Exception {
        save(1, 5, "five");
        Files.move(directory, root.resolve("sm.tmp20261124-101112.131"));
        Path received = Files.createDirectories(root.resolve("tmp").resolve("snapshot-4711"));
        Files.writeString(received.resolve("snapshot.2_50"), "fif");

        storage = reopened();

        assertThat(storage.getLatestSnapshot().getIndex()).isEqualTo(5);
        assertThat(names(root)).containsExactly("current", "sm", "tmp");
        assertThat(received).doesNotExist();
    }

    @Test
    void anInstallThatLostItsBytesInAPowerCutIsUndone() throws Exception {
        save(1, 5, "five");
        Files.move(directory, root.resolve("sm.tmp20261124-101112.131"));
        Files.createDirectory(directory);
        save(2, 50, "fifty");
        Files.write(directory.resolve("snapshot.2_50"), new byte[5]);

        storage = reopened();

        assertThat(storage.getLatestSnapshot().getTermIndex()).isEqualTo(TermIndex.valueOf(1, 5));
        assertThat(names(root)).containsExactly("current", "sm");
    }

    @Test
    void anInstallThatSucceededLosesWhatItReplaced() throws Exception {
        save(1, 5, "five");
        Files.move(directory, root.resolve("sm.tmp20261124-101112.131"));
        Files.createDirectory(directory);
        save(2, 50, "fifty");

        storage = reopened();

        assertThat(storage.getLatestSnapshot().getIndex()).isEqualTo(50);
        assertThat(names(root)).containsExactly("current", "sm");
    }

    // a power cut after Ratis deleted the old directory, before anything of the new one was forced
    @Test
    void anInstallThatWasLostAfterTheDeletionOfWhatItReplacedIsUndone() throws Exception {
        save(1, 5, "five");
        replacedByRatis();
        Files.write(directory.resolve("snapshot.2_50"), new byte[0]);

        storage = reopened();

        assertThat(storage.getLatestSnapshot().getTermIndex()).isEqualTo(TermIndex.valueOf(1, 5));
        assertThat(storage.getLatestSnapshot().getFile().getPath()).hasParent(directory);
        assertThat(storage.getLatestSnapshot().getFile().getPath()).content().isEqualTo("five");
        save(1, 9, "nine");
        storage.cleanupOldSnapshots(keep(1));
        assertThat(names(directory)).contains("snapshot.1_9").doesNotContain("snapshot.1_5");
    }

    @Test
    void anOlderSnapshotIsNoneIfTheNewestIsKept() throws Exception {
        save(1, 2, "two");
        save(1, 5, "five");
        Files.delete(directory.resolve("snapshot.1_5"));

        assertThat(reopened().getLatestSnapshot().getIndex()).isEqualTo(5);
    }

    @Test
    void onlyTheNewestIsKeptAndOnceItIsDurableTheReplacedOneIsGone() throws Exception {
        Path kept = root.resolve("current").resolve("kept-snapshot");
        save(1, 2, "two");
        SingleFileSnapshotInfo five = save(1, 5, "five");
        save(1, 3, "three");
        assertThat(names(kept)).containsExactly("snapshot.1_5", "snapshot.1_5.md5");
        assertThat(Files.isSameFile(kept.resolve("snapshot.1_5"), five.getFile().getPath()))
                .isTrue(); // takes no space
        replacedByRatis();
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        new SnapshotDirectory(elsewhere).save(TermIndex.valueOf(2, 50), out -> out.write(50));
        for (String name : names(elsewhere)) {
            Files.move(elsewhere.resolve(name), directory.resolve(name));
        }
        assertThat(names(kept)).containsExactly("snapshot.1_5", "snapshot.1_5.md5");

        storage.loadLatestSnapshot();

        assertThat(names(kept)).containsExactly("snapshot.2_50", "snapshot.2_50.md5");
    }

    @Test
    void whatCanNotBeDeletedBesideTheKeptOneStopsNoSnapshot() throws Exception {
        Path kept = root.resolve("current").resolve("kept-snapshot");
        Files.createDirectories(kept.resolve("full/of something"));
        storage.save(TermIndex.valueOf(1, 5), out -> out.write(5));
        assertThat(names(kept)).contains("snapshot.1_5", "snapshot.1_5.md5");
    }

    private void replacedByRatis() throws IOException {
        for (String name : names(directory)) {
            Files.delete(directory.resolve(name));
        }
    }

    private SingleFileSnapshotInfo save(long term, long index, String content) throws IOException {
        return storage.save(TermIndex.valueOf(term, index), out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }

    private MooringSnapshotStorage reopened() throws IOException {
        MooringSnapshotStorage opened = new MooringSnapshotStorage();
        opened.init(raftStorage());
        return opened;
    }

    private static SnapshotRetentionPolicy keep(int count) {
        return new SnapshotRetentionPolicy() {
            @Override
            public int getNumSnapshotsRetained() {
                return count;
            }
        };
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private RaftStorage raftStorage() {
        RaftStorageDirectory place = new RaftStorageDirectory() {
            @Override
            public File getRoot() {
                return root.toFile();
            }

            @Override
            public boolean isHealthy() {
                return true;
            }
        };
        return new RaftStorage() {
            @Override
            public void initialize() {}

            @Override
            public RaftStorageDirectory getStorageDir() {
                return place;
            }

            @Override
            public RaftStorageMetadataFile getMetadataFile() {
                throw new UnsupportedOperationException();
            }

            @Override
            public CorruptionPolicy getLogCorruptionPolicy() {
                return CorruptionPolicy.EXCEPTION;
            }

            @Override
            public void close() {}
        };
    }
}
