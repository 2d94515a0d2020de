// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mends what is left when a crash comes while Ratis installs a snapshot that its leader sent. */
final class InstallLeftovers {

    // Ratis receives into tmp/snapshot-<request>, renames sm to sm.tmp<date>, then the received directory
    // to sm, and deletes the old one last. After a crash in between, sm is missing, or (nothing having been
    // forced) its snapshot is not whole; the log still holds what follows the old snapshot, for it lets go
    // only of what is durable. So the old directory comes back in both cases. Once Ratis has deleted it, or begun
    // to, the old snapshot is where KeptSnapshot keeps it.

    private static final Logger LOG = LoggerFactory.getLogger(InstallLeftovers.class);

    private InstallLeftovers() {}

    /**
     * @param current the state machine's directory
     * @param received where Ratis keeps what it is receiving
     */
    static void tidy(Path current, Path received) throws IOException {
        Path root = current.toAbsolutePath().getParent();
        if (root == null) {
            return;
        }
        List<Path> movedAside = children(root, current.getFileName() + ".tmp*");
        if (!movedAside.isEmpty() && !hasWholeSnapshot(current)) {
            for (Path old : movedAside) {
                if (hasWholeSnapshot(old)) {
                    LOG.warn("{}: an interrupted install-snapshot is undone; {} takes its place again", current, old);
                    delete(current);
                    StableFile.rename(old, current);
                    break;
                }
            }
        }
        if (!movedAside.isEmpty() && Files.isDirectory(current)) {
            // A process that was killed leaves it whole in the page cache, and perhaps nowhere else: a power cut could
            // keep the deletions and take this
            StableFile.forceDirectory(root); // the renames, before anything that rests on them
            StableFile.forceTree(current);
        }
        for (Path old : movedAside) {
            delete(old);
        }
        for (Path half : children(received, "snapshot-*")) {
            delete(half);
        }
    }

    private static boolean hasWholeSnapshot(Path directory) throws IOException {
        return Files.isDirectory(directory) && new SnapshotDirectory(directory).newestWholeFile() != null;
    }

    private static List<Path> children(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, glob)) {
                all.forEach(found::add);
            }
        }
        found.sort(Comparator.reverseOrder()); // the newest first: the suffix is a date
        return found;
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> all = Files.walk(tree)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
