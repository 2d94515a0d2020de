// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.directory.DataDirectory.FirstOpening;
import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Makes a storage of an empty directory, so that a kill or a power cut at any moment leaves an empty directory, one that
 * can be begun again, or a whole storage.
 */
final class FirstInitialisation {

    /*
     * IDENTITY.tmp is there, durably, before anything else is, and only its rename to IDENTITY, last and durably, lets
     * anything be acknowledged. Until then every file may be torn or missing; so what is found with IDENTITY.tmp alone is
     * thrown away, not mended. Beginning again writes everything anew, IDENTITY.tmp included: what a sync that failed left
     * in the page cache looks durable and is not.
     *
     * Native engines do not survive this moment by themselves (some can not open what an interrupted first opening left
     * behind), hence data.tmp.
     */
    private final Layout layout;
    private final Request request;
    private final FirstOpening first;

    FirstInitialisation(Layout layout, Request request, FirstOpening first) {
        this.layout = layout;
        this.request = request;
        this.first = first;
    }

    Identity run(Identity identity) throws IOException {
        StableFile.createDirectories(layout.root()); // it is there: forces its entry, whoever created it
        try {
            prepare(identity);
        } catch (IOException | RuntimeException | Error e) {
            discardAfter(e);
            throw e;
        }
        // from here on IDENTITY may be there even if this fails
        StableFile.rename(layout.beginning(), layout.identity());
        return identity;
    }

    private void prepare(Identity identity) throws IOException {
        writeBeginning(identity.encode());
        standBack();

        StableFile.createDirectories(layout.unfinishedData());
        first.initialize(layout.unfinishedData(), identity.storageId());
        StableFile.forceTree(layout.unfinishedData());
        StableFile.rename(layout.unfinishedData(), layout.data());
        StableFile.createDirectories(layout.snapshots());
        if (identity.keepsMark()) {
            MarkFile.create(layout.mark(), identity.storageId());
            StableFile.forceDirectory(layout.root());
        }
    }

    /** What was refused leaves the directory as empty as it was; if that fails too, the next opening does it. */
    private void discardAfter(Throwable failure) {
        try {
            if (StableFile.exists(layout.beginning())) {
                discard();
            }
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Throws away what an initialisation that was cut short left behind; IDENTITY.tmp last. */
    void discard() throws IOException {
        boolean holdsSnapshots = StableFile.exists(layout.snapshots()) && !Entries.isEmptyDirectory(layout.snapshots());
        if (holdsSnapshots || MarkFile.provesChanges(layout.mark())) {
            throw new StorageException.Corrupted(layout.root() + " has no IDENTITY, yet "
                    + (holdsSnapshots ? "snapshots/ is not empty" : "MARK proves that changes were acknowledged")
                    + ". Nothing was changed. " + Damage.REMEDY);
        }
        deleteTree(layout.unfinishedData());
        deleteTree(layout.data());
        Files.deleteIfExists(layout.mark());
        Files.deleteIfExists(layout.snapshots());
        StableFile.forceDirectory(layout.root());
        Files.delete(layout.beginning());
        StableFile.forceDirectory(layout.root());
    }

    private void writeBeginning(ByteBuffer encoded) throws IOException {
        try (StableFile file =
                StableFile.open(layout.beginning(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(encoded, 0);
            file.force();
        }
        StableFile.forceDirectory(layout.root());
    }

    /** Looks again for a neighbour that began at the same moment; two that see each other both stand back. */
    private void standBack() throws IOException {
        try {
            Nodes.checkSurroundings(layout.root(), request);
        } catch (StorageException.Refused e) {
            Files.delete(layout.beginning());
            StableFile.forceDirectory(layout.root());
            throw e;
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!StableFile.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
