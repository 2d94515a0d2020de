// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.cli.terminal.UserError;
import dev.mooring.directory.Holder;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps everybody else out of a directory: the operating system's lock on its {@code LOCK}, as an open storage has it. */
public final class HeldLock implements AutoCloseable {

    public static final String NAME = "LOCK";
    public static final String HOLDER = "LOCK.holder";

    private final Path directory;
    private final @Nullable StableFile file;

    private HeldLock(Path directory, @Nullable StableFile file) {
        this.directory = directory;
        this.file = file;
    }

    /** Of a storage that is to be read only: no byte of it changes, and nothing is created. */
    public static HeldLock ofSource(Path source) throws IOException {
        Path file = source.resolve(NAME);
        // a backup may lack it, and on a disk that is mounted for reading nobody can have it open
        boolean nobodyCanHoldIt =
                !StableFile.exists(file) || Files.getFileStore(file).isReadOnly();
        return nobodyCanHoldIt
                ? new HeldLock(source, null)
                : take(source, () -> source + " is open in " + Holder.inWords(source.resolve(HOLDER)));
    }

    /** Of the directory that becomes a storage. */
    public static HeldLock ofTarget(Path target) throws IOException {
        return take(
                target,
                () -> target + " is in use by another process, perhaps another migration. Wait for it, or stop it");
    }

    private static HeldLock take(Path directory, Supplier<String> refusal) throws IOException {
        StableFile file = StableFile.open(directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked;
        try {
            locked = file.tryLock();
        } catch (OverlappingFileLockException e) {
            // open in this very process; closing the file would give that lock up
            throw new UserError(refusal.get(), e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        if (!locked) {
            file.close();
            throw new UserError(refusal.get());
        }
        return new HeldLock(directory, file);
    }

    /** Where nobody else can write as long as this is open. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
