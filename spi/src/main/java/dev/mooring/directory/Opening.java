// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.directory.DataDirectory.FirstOpening;
import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Opens a directory: looks at it without touching it, locks it, looks again, and initialises it if it is new. What is
 * refused at the first look is left exactly as it was found, lock files included.
 */
final class Opening {

    private final Request request;
    private final FirstOpening first;

    Opening(Request request, FirstOpening first) {
        this.request = request;
        this.first = first;
    }

    DataDirectory open() throws IOException {
        Path configured = Nodes.root(request.directory(), request.node());
        refuseLinkToNowhere(configured);
        if (StableFile.exists(configured)) {
            look(new Layout(configured));
        } else {
            refuseUnlessMayCreate(configured + " does not exist");
            if (request.node() != null && StableFile.exists(request.directory())) {
                Nodes.checkSurroundings(configured, request);
            }
            Inside.refuse(configured);
            StableFile.createDirectories(configured);
        }
        // the real path, so that a link that is changed under a running server does not lead it elsewhere
        Layout layout = new Layout(configured.toRealPath());
        DirectoryLock lock = DirectoryLock.acquire(layout, request.node());
        try {
            return locked(layout, lock);
        } catch (IOException | RuntimeException | Error e) {
            lock.release();
            throw e;
        }
    }

    /** A new storage in its place would be an empty log, where a disk is not mounted yet. */
    private static void refuseLinkToNowhere(Path configured) throws IOException {
        for (Path level = configured; level != null; level = level.getParent()) {
            if (Files.isSymbolicLink(level)) {
                try {
                    Path ignored = level.toRealPath();
                } catch (NoSuchFileException e) {
                    throw new StorageException.Refused(
                            configured + " can not be opened: " + level + " is a link to "
                                    + Files.readSymbolicLink(level) + ", which is not there. Nothing was changed. Make"
                                    + " sure that its disk is mounted, or mend the link",
                            e);
                }
            }
        }
    }

    private static String shellWord(Path path) {
        String text = path.toString();
        return text.matches("[A-Za-z0-9/._+:@%-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private DataDirectory locked(Layout layout, DirectoryLock lock) throws IOException {
        Identity existing = look(layout);
        Identity identity = existing == null ? initialise(layout) : existing;
        if (existing != null) {
            requireDirectory(layout.data());
            forgetBeginning(layout);
            // a copy made by a tool that leaves out empty directories lacks it; what must be in it, the pointers tell
            if (!Entries.isDirectory(layout.snapshots())) {
                StableFile.createDirectories(layout.snapshots());
            }
        }
        MarkFile mark = identity.keepsMark() ? MarkFile.open(layout.mark(), identity.storageId()) : null;
        return new DataDirectory(layout, identity, existing == null, mark, lock);
    }

    /** The identity of the storage that is there; null if there is none yet and one may be made. */
    private @Nullable Identity look(Layout layout) throws IOException {
        if (!Entries.isDirectory(layout.root())) {
            throw new StorageException.Refused(layout.root()
                    + " is not a directory. Set mooring.directory to one, or to a path where one can be created");
        }
        UnfinishedMigration.refuse(layout);
        boolean isStorage = StableFile.exists(layout.identity());
        if (!isStorage || request.node() != null) {
            Nodes.checkSurroundings(layout.root(), request);
        }
        if (!isStorage || !Identity.isOne(layout.identity())) { // an engine's own file may have the name
            Inside.refuse(layout.root());
        }
        switch (Condition.of(layout)) {
            case STORAGE -> {
                Identity identity = Identity.read(layout.identity());
                check(layout, identity);
                return identity;
            }
            case BEGUN ->
                refuseUnlessMayCreate(
                        layout.root() + " holds only the beginning of a storage, whose first start was cut short");
            case EMPTY -> refuseUnlessMayCreate(layout.root() + " is empty");
        }
        return null;
    }

    private static String asCreated(Layout layout, Identity identity) {
        Path root = layout.root();
        Path shared = root.getParent();
        boolean isWhereItWas = identity.node() != null && shared != null && root.endsWith(identity.node());
        return isWhereItWas
                ? "mooring.directory=" + shared + " and mooring.node=" + identity.node()
                : "mooring.directory and mooring.node as they were when it was created";
    }

    private void check(Layout layout, Identity identity) throws StorageException {
        if (!Objects.equals(identity.node(), request.node())) {
            throw new StorageException.Refused(layout.root() + " belongs to "
                    + (identity.node() == null ? "a storage without node" : "node '" + identity.node() + "'") + ", but "
                    + (request.node() == null ? "no node" : "node '" + request.node() + "'")
                    + " is configured (on a disk that ignores case, names that differ only in case are one directory)."
                    + " Nothing was changed. Another server's votes and entries must not become this one's: set "
                    + asCreated(layout, identity));
        }
        if (!identity.backend().equals(request.backend())) {
            throw new StorageException.Refused(layout.root() + " was written by backend '" + identity.backend()
                    + "', but '" + request.backend()
                    + "' is configured. Nothing was changed. Opening it would look like"
                    + " an empty log, and this server could vote twice. Set mooring.backend=" + identity.backend()
                    + ", or convert it with: mooring migrate --from " + shellWord(layout.root())
                    + " --to NEW_DIRECTORY --backend " + request.backend());
        }
        if (identity.keepsMark() != request.keepsMark()) {
            throw new StorageException.Refused(layout.root() + " was created "
                    + (identity.keepsMark() ? "durable" : "volatile") + ", but as '" + request.backend()
                    + "' is configured now it is " + (request.keepsMark() ? "durable" : "volatile")
                    + ". Nothing was changed. Set the backend's options as they were, or choose another directory");
        }
    }

    private Identity initialise(Layout layout) throws IOException {
        FirstInitialisation initialisation = new FirstInitialisation(layout, request, first);
        if (StableFile.exists(layout.beginning())) {
            initialisation.discard();
        }
        return initialisation.run(new Identity(
                request.backend(),
                Version.current(),
                Instant.now(),
                UUID.randomUUID(),
                request.node(),
                request.keepsMark()));
    }

    /** IDENTITY.tmp beside IDENTITY is left of confirming it; alone, later, it would say that nothing was acknowledged. */
    private static void forgetBeginning(Layout layout) throws IOException {
        if (Files.deleteIfExists(layout.beginning())) {
            StableFile.forceDirectory(layout.root());
        }
    }

    private static void requireDirectory(Path data) throws IOException {
        if (!Entries.isDirectory(data)) {
            throw new StorageException.Corrupted(
                    data + (StableFile.exists(data) ? " is not a directory" : " is missing")
                            + ": it held everything that this server acknowledged. Make sure that every disk is mounted."
                            + " Nothing was changed. " + Damage.REMEDY);
        }
    }

    private void refuseUnlessMayCreate(String found) throws StorageException {
        if (!request.mayCreate()) {
            throw new StorageException.Refused(found + ", and mooring.create=never says that this server is not new."
                    + " Make sure that the disk is mounted and the path is right; to make a new storage here, leave"
                    + " mooring.create away");
        }
    }
}
