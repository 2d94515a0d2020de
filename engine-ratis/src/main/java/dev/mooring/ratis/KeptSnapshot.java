// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A second name of the newest durable snapshot, where Ratis does not delete it. */
final class KeptSnapshot {

    // Ratis renames a received directory to sm and deletes the old one right after. It has forced nothing by then,
    // and whatever is forced next on this file system may take the deletions along: a power cut could leave neither
    // snapshot, while the log holds only what follows the old one. So the old one keeps a name until the new one is
    // durable. Within current, because Ratis empties that when it formats, together with sm.

    static final String DIRECTORY = "kept-snapshot";

    private static final Logger LOG = LoggerFactory.getLogger(KeptSnapshot.class);

    private final Path root;
    private final Path directory;
    private @Nullable Path kept; // by this object

    /**
     * @param root of the division
     * @param current Ratis' directory of the log
     */
    KeptSnapshot(Path root, Path current) {
        this.root = root.toAbsolutePath().normalize();
        this.directory = current.resolve(DIRECTORY);
    }

    /**
     * Keeps this snapshot instead of the one before. The snapshot and its second name are durable on return; if this
     * fails, the one before is still kept.
     */
    synchronized void keep(Path file) throws IOException {
        if (file.equals(kept)) {
            return;
        }
        Path sum = SnapshotDirectory.md5File(file);
        if (!isIn(directory, file) || !isIn(directory, sum)) {
            force(sum, file); // a process that was killed may have left it in the page cache only
            StableFile.createDirectories(directory);
            link(sum, directory);
            link(file, directory);
        }
        StableFile.forceDirectory(directory);
        List<Path> names = List.of(file.getFileName(), sum.getFileName());
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path each : all) {
                if (!names.contains(each.getFileName())) {
                    delete(each);
                }
            }
        }
        kept = file;
    }

    /**
     * Keeps the newest snapshot there, where nothing was promised yet that rests on it: a failure is told, and the work
     * goes on.
     */
    void keepNewestOf(SnapshotDirectory there) {
        try {
            Path newest = there.newestFile();
            if (newest != null) {
                keep(newest);
            }
        } catch (IOException e) {
            LOG.warn(
                    "The newest snapshot in {} can not be kept in {} too. It is tried again with the next one, and at the"
                            + " next start; until then a power cut while Ratis installs another can lose both",
                    there.path(),
                    directory,
                    e);
        }
    }

    /** The newest whole snapshot there, the kept one being put back if it is newer than what is there; null if none. */
    synchronized @Nullable Path newestWholeFile(SnapshotDirectory there) throws IOException {
        Path found = there.newestWholeFile();
        if (!Files.isDirectory(directory)) {
            return found;
        }
        for (Path mine : new SnapshotDirectory(directory).newestFirst()) {
            if (found != null && SnapshotDirectory.BY_INDEX.compare(mine, found) <= 0) {
                break;
            }
            if (SnapshotDirectory.isWhole(mine)) {
                LOG.warn(
                        "{} has lost its newest snapshot, as it can when a power cut interrupts an install-snapshot; {} is"
                                + " put back",
                        there.path(),
                        mine);
                link(SnapshotDirectory.md5File(mine), there.path());
                Path back = link(mine, there.path());
                force(SnapshotDirectory.md5File(back), back);
                return back;
            }
        }
        return found;
    }

    /** What is in the way takes space, and no more: it is tried again with the next snapshot. */
    private static void delete(Path older) {
        try {
            Files.deleteIfExists(older);
        } catch (IOException e) {
            LOG.warn("{} is not needed any more and can not be deleted; that is tried again", older, e);
        }
    }

    private void force(Path sum, Path file) throws IOException {
        ForcedFiles forced = new ForcedFiles(root);
        forced.force(sum);
        forced.force(file);
        forced.forceDirectories();
    }

    private static Path link(Path file, Path directory) throws IOException {
        Path name = directory.resolve(file.getFileName());
        if (!isIn(directory, file)) {
            Path unfinished = directory.resolve(SnapshotDirectory.UNFINISHED_PREFIX + file.getFileName());
            Files.deleteIfExists(unfinished);
            try {
                Files.createLink(unfinished, file);
            } catch (UnsupportedOperationException | IOException e) { // not every file system has links
                copy(file, unfinished);
            }
            Files.move(unfinished, name, StandardCopyOption.ATOMIC_MOVE);
        }
        return name;
    }

    private static void copy(Path file, Path target) throws IOException {
        try {
            Files.copy(file, target);
            new ForcedFiles().force(target);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(target); // what there is may be all the space that is left
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static boolean isIn(Path directory, Path file) throws IOException {
        Path name = directory.resolve(file.getFileName());
        return Files.exists(name) && Files.isSameFile(name, file);
    }
}
