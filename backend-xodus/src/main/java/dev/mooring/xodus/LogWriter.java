// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import jetbrains.exodus.io.AbstractDataWriter;
import jetbrains.exodus.io.Block;
import jetbrains.exodus.io.RemoveBlockType;
import org.jspecify.annotations.Nullable;

/** Writes Xodus' log in the place of its own writer, and decides when bytes reach the disk. */
final class LogWriter extends AbstractDataWriter {

    /*
     * Xodus writes a change and its root, a record at the very end, and then syncs once. Nothing orders the two on the disk,
     * and there is no checksum: after a power cut a root may be there whose pages are not. So the last byte of what was
     * written is held back until everything before it is durable, then written, and made durable too: a root without its last
     * byte does not count.
     *
     * Xodus' own writer closes its handle of the directory with the first file, and forces no later entry; it takes a sync for
     * done whose channel was closed under it; and it needs sun.misc.Unsafe, which an application that is a module may lack.
     *
     * When it opens a log whose end it does not understand, Xodus cuts off whatever that takes, up to all of it. Until the
     * caller has compared what is left with what was acknowledged, nothing is cut (PROBING).
     *
     * After a failure nothing touches the disk any more (FAILED): no cleaner may delete a file because a sync seemed to
     * succeed. A sync throws then: the cleaner's thread may have failed between a change's last write and its sync, and
     * Xodus would take a silent one for done. Only where nobody waits for an answer any more (CLOSING) it does nothing.
     */
    private enum State {
        PROBING,
        WRITING,
        FAILED,
        CLOSING
    }

    private final LogFiles files;
    private final Path directory;
    private final boolean synced;
    private final Cuts cuts;
    private State state;
    private @Nullable IOException failure; // the first one
    private Block block;
    private long position; // where the next byte goes
    private @Nullable StableFile current;
    private boolean holdsBack;
    private byte heldBack;

    /**
     * Opens a directory for writing.
     *
     * @param isNew whether there is nothing in it that could be cut off
     * @param synced whether a sync of Xodus' is one
     */
    LogWriter(Path directory, LogFiles files, boolean isNew, boolean synced) {
        this.directory = directory;
        this.files = files;
        this.block = files.block(0);
        this.synced = synced;
        this.state = isNew ? State.WRITING : State.PROBING;
        this.cuts = new Cuts(directory, files);
    }

    /** What was found to be torn; call {@link #confirm} if it may go. */
    synchronized List<Cuts.Cut> cuts() {
        return cuts.wanted();
    }

    /** Cuts off what Xodus wanted to cut, durably, and lets it write from now on. */
    synchronized void confirm() throws IOException {
        if (hasEnded()) {
            throw afterFailure();
        }
        cuts.applyWanted();
        state = State.WRITING;
    }

    /** From now on nothing is written, forced, cut or deleted, and syncs keep silent so that Xodus can be closed. */
    synchronized void fail() {
        state = State.CLOSING;
    }

    @Override
    protected synchronized Block openOrCreateBlockImpl(long address, long length) {
        block = files.block(address);
        position = length;
        if (state == State.WRITING) {
            open();
        }
        return block;
    }

    /** Opens the file that is written next; cuts it off where Xodus has said that it ends. */
    private StableFile open() {
        try {
            StableFile opened = StableFile.open(
                    files.path(block.getAddress()), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            current = opened;
            if (opened.size() != position) {
                opened.truncate(position);
                opened.force();
            }
            return opened;
        } catch (IOException e) {
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
        StableFile file = current == null ? open() : current; // it was named before anything could be written
        try {
            writeHeldBack(file);
            int written = synced && length > 0 ? length - 1 : length;
            append(file, ByteBuffer.wrap(bytes, offset, written));
            if (written < length) {
                heldBack = bytes[offset + written];
                holdsBack = true;
            }
            return block;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    protected synchronized void syncImpl() {
        if (state == State.FAILED) {
            throw failed(afterFailure());
        }
        StableFile file = current;
        if (state == State.CLOSING || file == null) {
            return;
        }
        try {
            file.forceData();
            if (holdsBack) {
                writeHeldBack(file);
                file.forceData();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void writeHeldBack(StableFile file) throws IOException {
        if (holdsBack) {
            holdsBack = false;
            append(file, ByteBuffer.wrap(new byte[] {heldBack}));
        }
    }

    private void append(StableFile file, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        file.write(bytes, position);
        position += length;
    }

    @Override
    protected synchronized void closeImpl() {
        StableFile file = current;
        current = null;
        if (file == null) {
            return;
        }
        try (file) {
            if (state == State.WRITING) {
                writeHeldBack(file);
            }
            holdsBack = false;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Lets go of the file, if Xodus has not got so far. */
    synchronized void release(Exception reason) {
        StableFile file = current;
        current = null;
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** Cuts off what a change has written that Xodus takes back; it has removed the files that the change began before. */
    @Override
    public synchronized void truncateBlock(long address, long length) {
        if (state == State.PROBING) {
            cuts.want(address, length);
        } else if (state == State.WRITING) {
            try {
                cuts.truncate(address, length);
            } catch (IOException e) {
                throw failed(e);
            }
        }
    }

    @Override
    public synchronized void removeBlock(long address, RemoveBlockType type) {
        if (state == State.PROBING) {
            cuts.want(address, null);
        } else if (state == State.WRITING) {
            cuts.deleteOrLeave(address);
        }
    }

    @Override
    protected void clearImpl() {
        throw new UnsupportedOperationException("nothing here throws the whole log away");
    }

    /** Nobody else can be here: the core has locked the directory. */
    @Override
    public boolean lock(long timeout) {
        return true;
    }

    @Override
    public boolean release() {
        return true;
    }

    @Override
    public String lockInfo() {
        return "";
    }

    private void checkWriting() {
        if (state == State.PROBING) {
            throw failed(new StorageException.Corrupted(
                    directory + ": Xodus finds no whole change in its log" + Faults.WHAT_TO_DO));
        }
        if (hasEnded()) {
            throw failed(afterFailure());
        }
    }

    private boolean hasEnded() {
        return state == State.FAILED || state == State.CLOSING;
    }

    private IOException afterFailure() {
        return new IOException(directory + ": an earlier write failed", failure);
    }

    private UncheckedIOException failed(IOException e) {
        if (state == State.WRITING) {
            files.brokenOff(block.getAddress());
        }
        state = state == State.CLOSING ? State.CLOSING : State.FAILED;
        failure = failure == null ? e : failure;
        return new UncheckedIOException(e);
    }
}
