// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.RaftStorage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.jspecify.annotations.Nullable;

/** The state machine's snapshot files, made durable before the log gives up the entries that they cover. */
final class SnapshotFiles {

    // Ratis writes the chunks of an installed snapshot, renames the directory and never forces any of it.
    // Were the log to let go of its entries now, a power cut could take both.

    private final StateMachine stateMachine;
    private final Path root; // of the division
    private final Path standardDirectory;

    SnapshotFiles(StateMachine stateMachine, org.apache.ratis.server.storage.RaftStorage ratis) {
        this.stateMachine = stateMachine;
        this.root = ratis.getStorageDir().getRoot().toPath().toAbsolutePath().normalize();
        this.standardDirectory = ratis.getStorageDir().getStateMachineDir().toPath();
    }

    /** The newest snapshot that the state machine says it has; null if none. */
    @Nullable
    SnapshotInfo latest() {
        SnapshotInfo latest = stateMachine.getLatestSnapshot();
        return latest == null || latest.getIndex() < 0 ? null : latest;
    }

    /** Makes a snapshot of the state machine's own making durable, in case it did not do so itself. */
    void force(SnapshotInfo snapshot) throws IOException {
        List<FileInfo> files = snapshot.getFiles();
        if (files != null) {
            ForcedFiles forced = forcedFiles();
            for (FileInfo file : files) {
                forced.force(file.getPath());
            }
            forced.forceDirectories();
        }
    }

    /** Makes durable what Ratis has just installed. */
    void forceInstalled() throws IOException {
        ForcedFiles forced = forcedFiles();
        forced.forceBelow(directory());
        forced.forceDirectories();
        if (stateMachine.getStateMachineStorage() instanceof MooringSnapshotStorage own) {
            own.keepInstalled();
        }
    }

    /** Term of the snapshot that ends at this index; {@link RaftStorage#UNKNOWN_TERM} if nothing here tells. */
    long term(long index) throws IOException {
        SnapshotInfo latest = latest();
        if (latest != null && latest.getIndex() == index) {
            return latest.getTerm();
        }
        // Just installed, and the state machine has not looked yet: the names that Ratis' own storage uses tell
        if (Files.isDirectory(directory())) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(), "snapshot.*_" + index)) {
                for (Path file : files) {
                    if (SimpleStateMachineStorage.SNAPSHOT_REGEX
                            .matcher(file.getFileName().toString())
                            .matches()) {
                        return SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file.toFile())
                                .getTerm();
                    }
                }
            }
        }
        return RaftStorage.UNKNOWN_TERM;
    }

    private ForcedFiles forcedFiles() {
        return new ForcedFiles(root, directory().toAbsolutePath().normalize());
    }

    private Path directory() {
        java.io.File own = stateMachine.getStateMachineStorage().getSnapshotDir();
        return own == null ? standardDirectory : own.toPath();
    }
}
