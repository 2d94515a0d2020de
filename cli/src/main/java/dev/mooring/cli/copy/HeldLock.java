// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.cli.terminal.UserError;
import dev.mooring.directory.Holder;
import dev.mooring.spi.StableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps everybody else out of a directory: the operating system's lock on its {@code LOCK}, as an open storage has it. */
public final class HeldLock implements AutoCloseable {

    public static final String NAME = "LOCK";
    public static final String HOLDER = "LOCK.holder";

    /** Closing any handle of a file gives up this process' locks on it, as the collector would with a forgotten one. */
    private static final Queue<Closeable> NEVER_TO_BE_CLOSED = new ConcurrentLinkedQueue<>();

    private final Path directory;
    private final @Nullable Closeable file;

    private HeldLock(Path directory, @Nullable Closeable file) {
        this.directory = directory;
        this.file = file;
    }

    /**
     * Of a storage that is to be read only: no byte of it changes, and nothing is created. It is shared with others that read,
     * and takes no more than the permission to.
     */
    public static HeldLock ofSource(Path source) throws IOException {
        Path file = source.resolve(NAME);
        if (!StableFile.exists(file)) {
            return new HeldLock(source, null); // a backup may lack it
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return take(
                source,
                channel,
                () -> channel.tryLock(0, Long.MAX_VALUE, true) != null,
                () -> source + " is open in " + Holder.inWords(source.resolve(HOLDER)));
    }

    /** Of the directory that becomes a storage. */
    public static HeldLock ofTarget(Path target) throws IOException {
        StableFile file = StableFile.open(target.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return take(
                target,
                file,
                file::tryLock,
                () -> target + " is in use by another process, perhaps another migration. Wait for it, or stop it");
    }

    private static HeldLock take(Path directory, Closeable file, Attempt attempt, Supplier<String> refusal)
            throws IOException {
        boolean locked;
        try {
            locked = attempt.succeeds();
        } catch (OverlappingFileLockException e) {
            NEVER_TO_BE_CLOSED.add(file); // open in this very process
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

    private interface Attempt {
        boolean succeeds() throws IOException;
    }
}
