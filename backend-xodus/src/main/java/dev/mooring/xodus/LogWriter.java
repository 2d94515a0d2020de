// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import jetbrains.exodus.io.Block;
import jetbrains.exodus.io.FileDataReader;
import jetbrains.exodus.io.FileDataWriter;
import jetbrains.exodus.io.RemoveBlockType;
import jetbrains.exodus.log.LogUtil;
import org.jspecify.annotations.Nullable;

/** Writes Xodus' log, and decides when bytes reach the disk. */
final class LogWriter extends FileDataWriter {

    /*
     * Xodus writes a change and its root, a record at the very end, and then syncs once. Nothing orders the two on the disk,
     * and there is no checksum: after a power cut a root may be there whose pages are not. So the last byte of what was
     * written is held back until everything before it is durable, then written, and made durable too: a root without its last
     * byte does not count.
     *
     * Xodus closes its handle of the directory with the first file, and forces no later entry; and it takes a sync for done
     * whose channel was closed under it. Hence a handle and a force of our own.
     *
     * When it opens a log whose end it does not understand, Xodus cuts off whatever that takes, up to all of it. Until the
     * caller has compared what is left with what was acknowledged, nothing is cut (PROBING).
     *
     * After a failure nothing touches the disk any more (FAILED): no cleaner may delete a file because a sync seemed to
     * succeed.
     */
    private enum State {
        PROBING,
        WRITING,
        FAILED
    }

    private final FileDataReader reader;
    private final Path directory;
    private final boolean synced;
    private final List<Cut> cuts = new ArrayList<>();
    private State state;
    private long blockAddress;
    private long blockLength;
    private @Nullable StableFile current;
    private boolean holdsBack;
    private byte heldBack;

    /**
     * Opens a directory for writing.
     *
     * @param isNew whether there is nothing in it that could be cut off
     * @param synced whether a sync of Xodus' is one
     */
    LogWriter(FileDataReader reader, boolean isNew, boolean synced) {
        super(reader, null);
        this.reader = reader;
        this.directory = reader.getDir().toPath();
        this.synced = synced;
        this.state = isNew ? State.WRITING : State.PROBING;
    }

    /** What Xodus wants to cut off at open: a file from this length on; the whole file if that is null. */
    record Cut(Path file, @Nullable Long lengthBytes) {}

    /** What was found to be torn; call {@link #confirm} if it may go. */
    synchronized List<Cut> cuts() {
        return List.copyOf(cuts);
    }

    /** Cuts off what Xodus wanted to cut, durably, and lets it write from now on. */
    synchronized void confirm() throws IOException {
        for (Cut cut : cuts) {
            Long lengthBytes = cut.lengthBytes();
            if (lengthBytes == null) {
                Files.deleteIfExists(cut.file());
                continue;
            }
            try (StableFile file = StableFile.open(cut.file(), StandardOpenOption.WRITE)) {
                file.truncate(lengthBytes);
                file.force();
            }
        }
        StableFile.forceDirectory(directory);
        cuts.clear();
        state = State.WRITING;
    }

    /** From now on nothing is written, forced, cut or deleted. */
    synchronized void fail() {
        state = State.FAILED;
    }

    @Override
    protected synchronized FileDataReader.FileBlock openOrCreateBlockImpl(long address, long length) {
        FileDataReader.FileBlock block = new FileDataReader.FileBlock(address, reader);
        blockAddress = address;
        blockLength = length;
        if (state == State.WRITING) {
            open();
        }
        return block;
    }

    /** Opens the file that is written next; cuts it off where Xodus has said that it ends. */
    private void open() {
        try {
            super.openOrCreateBlockImpl(blockAddress, blockLength);
            current =
                    StableFile.open(directory.resolve(LogUtil.getLogFilename(blockAddress)), StandardOpenOption.WRITE);
        } catch (Exception e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void syncDirectory() {
        try {
            StableFile.forceDirectory(directory);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized Block write(byte[] bytes, int offset, int length) {
        checkWriting();
        if (current == null) {
            open(); // it was named before anything could be written
        }
        try {
            writeHeldBack();
            if (!synced || length == 0) {
                return super.write(bytes, offset, length);
            }
            Block block = super.write(bytes, offset, length - 1);
            heldBack = bytes[offset + length - 1];
            holdsBack = true;
            return block;
        } catch (Exception e) {
            throw failed(e);
        }
    }

    @Override
    protected synchronized void syncImpl() {
        StableFile file = current;
        if (state == State.FAILED || file == null) {
            return;
        }
        try {
            file.forceData();
            if (holdsBack) {
                writeHeldBack();
                file.forceData();
            }
        } catch (Exception e) {
            throw failed(e);
        }
    }

    private void writeHeldBack() {
        if (holdsBack) {
            holdsBack = false;
            super.write(new byte[] {heldBack}, 0, 1);
        }
    }

    @Override
    protected synchronized void closeImpl() {
        StableFile file = current;
        current = null;
        if (file == null) {
            return;
        }
        try {
            if (state == State.WRITING) {
                writeHeldBack();
            }
            holdsBack = false;
            super.closeImpl();
            file.close();
        } catch (Exception e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void truncateBlock(long address, long length) {
        if (state == State.WRITING) {
            super.truncateBlock(address, length);
        } else if (state == State.PROBING) {
            cuts.add(new Cut(directory.resolve(LogUtil.getLogFilename(address)), length));
        }
    }

    @Override
    public synchronized void removeBlock(long address, RemoveBlockType type) {
        if (state == State.WRITING) {
            super.removeBlock(address, type);
        } else if (state == State.PROBING) {
            cuts.add(new Cut(directory.resolve(LogUtil.getLogFilename(address)), null));
        }
    }

    private void checkWriting() {
        if (state == State.PROBING) {
            throw failed(new StorageException.Corrupted(
                    directory + ": Xodus finds no whole change in its log" + Faults.WHAT_TO_DO));
        }
        if (state == State.FAILED) {
            throw new UncheckedIOException(new IOException(directory + ": an earlier write failed"));
        }
    }

    private RuntimeException failed(Exception e) {
        state = State.FAILED;
        if (e instanceof RuntimeException unchecked) {
            return unchecked;
        }
        // Xodus is written in Kotlin and throws what it does not declare
        return new UncheckedIOException(e instanceof IOException io ? io : new IOException(e));
    }
}
