// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.OrderedEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/** The open LMDB environment: one writer, a bounded number of readers beside it, and a map that grows. */
final class Environment implements OrderedEngine {

    /*
     * Three things take the JVM down: a call after the environment was closed, closing it under a reader, and growing the map
     * under a reader. So every read holds one of max-readers permits, and closing and growing hold all of them. The writer
     * needs none: changes, growing and closing come one at a time (the callers are synchronized).
     *
     * A reader's slot belongs to its transaction (MDB_NOTLS), not to its thread: otherwise every thread that ever read would
     * keep one of the slots for as long as it lives.
     */

    private static final long MAX_GROWTH_BYTES = 1L << 30;

    private final Path directory;
    private final DataFile file;
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> tree;
    private final boolean isNew;
    private final boolean synced;
    private final long maxFileBytes;
    private final int maxReaders;
    private final Semaphore readers;
    private long mapBytes;
    private volatile boolean usable = true;
    private boolean closed;

    private Environment(BackendContext context, DataFile file, Env<ByteBuffer> env, boolean isNew, long mapBytes) {
        this.directory = context.directory();
        this.file = file;
        this.env = env;
        this.tree = env.openDbi((byte[]) null);
        this.isNew = isNew;
        this.mapBytes = mapBytes;
        this.synced = isSynced(context);
        this.maxFileBytes = context.options().number(LmdbStorageProvider.MAX_FILE_BYTES);
        this.maxReaders = maxReaders(context);
        this.readers = new Semaphore(maxReaders, true); // fair, or closing would wait for ever
    }

    static Environment open(BackendContext context) throws IOException {
        Path directory = context.directory();
        if (directory.getFileSystem() != FileSystems.getDefault()) {
            throw new StorageException.Refused(
                    directory + " is not on the default file system, and LMDB's native code can"
                            + " open no other. Use the backend 'files' there");
        }
        NativeLibrary.load();
        DataFile file = new DataFile(directory);
        boolean isNew = file.isNew(context);
        long mapBytes = isNew ? firstBytes(context) : roundedDown(file.check(context));
        if (!isNew && !context.endedCleanly()) {
            file.makeDurable();
        }
        LockFile.fill(directory, maxReaders(context));
        EnvFlags[] flags = isSynced(context)
                ? new EnvFlags[] {EnvFlags.MDB_NOTLS}
                : new EnvFlags[] {EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC};
        try {
            Env<ByteBuffer> env = Env.create(MapBuffers.INSTANCE)
                    .setMapSize(mapBytes)
                    .setMaxDbs(0)
                    .setMaxReaders(maxReaders(context))
                    .open(directory.toFile(), 0600, flags);
            try {
                file.extend(mapBytes);
                StableFile.forceDirectory(directory); // LMDB never does
                return new Environment(context, file, env, isNew, mapBytes);
            } catch (IOException | RuntimeException | Error e) {
                env.close();
                throw e;
            }
        } catch (LmdbException e) {
            throw Faults.explain(directory, "it can not be opened", e);
        }
    }

    private static boolean isSynced(BackendContext context) {
        return context.options().text(LmdbStorageProvider.SYNC).equals("always");
    }

    private static int maxReaders(BackendContext context) {
        return (int) context.options().number(LmdbStorageProvider.MAX_READERS);
    }

    /** The limit is the promise and the other a beginning, so whoever sets a low limit need not set both. */
    private static long firstBytes(BackendContext context) {
        long wanted = roundedUp(context.options().number(LmdbStorageProvider.FILE_BYTES));
        return Math.min(wanted, roundedDown(context.options().number(LmdbStorageProvider.MAX_FILE_BYTES)));
    }

    private static long roundedDown(long bytes) {
        return bytes / Header.GRAIN_BYTES * Header.GRAIN_BYTES;
    }

    private static long roundedUp(long bytes) {
        return (bytes + Header.GRAIN_BYTES - 1) / Header.GRAIN_BYTES * Header.GRAIN_BYTES;
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    /**
     * Runs something in a read transaction, which pins the pages it sees for as long as it runs. A thread that is
     * interrupted is not disturbed.
     */
    @Override
    public <T> T read(String what, Reading<T> reading) throws IOException {
        readers.acquireUninterruptibly();
        try {
            checkUsable();
            try (Txn<ByteBuffer> txn = env.txnRead();
                    Tree seen = new Tree(tree.openCursor(txn))) {
                return reading.read(seen);
            }
        } catch (LmdbException e) {
            throw Faults.explain(directory, what, e);
        } finally {
            readers.release();
        }
    }

    /** If the map is full, it grows and the writing starts over. */
    @Override
    public void change(String what, long bytes, Writing writing) throws IOException {
        checkUsable();
        while (true) {
            try (Txn<ByteBuffer> txn = env.txnWrite()) {
                try (Tree changed = new Tree(tree.openCursor(txn))) {
                    writing.write(changed);
                }
                txn.commit();
                return;
            } catch (Env.MapFullException e) {
                grow(what, bytes, e);
            } catch (LmdbException e) {
                throw Faults.explain(directory, what, e);
            }
        }
    }

    private void grow(String what, long bytes, LmdbException full) throws IOException {
        long wanted = mapBytes + Math.max(2 * bytes, Math.min(mapBytes, MAX_GROWTH_BYTES));
        long next = Math.min(roundedUp(wanted), roundedDown(maxFileBytes));
        if (next <= mapBytes) {
            throw new IOException(
                    directory + ": " + what + ": the data file is full at " + mapBytes
                            + " bytes. Raise mooring.lmdb.max-file-bytes, which is " + maxFileBytes
                            + ", and open the storage again",
                    full);
        }
        readers.acquireUninterruptibly(maxReaders);
        try {
            file.extend(next);
            usable = false; // if the new map can not be made, the old one is gone already
            env.setMapSize(next);
            usable = true;
            mapBytes = next;
        } catch (IOException e) {
            throw Faults.explain(directory, what + ", for its file can not grow to " + next + " bytes", e);
        } catch (LmdbException e) {
            throw Faults.explain(directory, what + ", for its file can not be mapped with " + next + " bytes", e);
        } finally {
            readers.release(maxReaders);
        }
    }

    @Override
    public void awaitReaders() {
        readers.acquireUninterruptibly(maxReaders);
        readers.release(maxReaders);
    }

    /** Later reads are refused. */
    @Override
    public void close(boolean whole) throws IOException {
        readers.acquireUninterruptibly(maxReaders);
        try {
            if (closed) {
                return;
            }
            closed = true;
            boolean isMapped = usable;
            usable = false;
            try {
                if (whole && isMapped && !synced) {
                    env.sync(true);
                }
            } finally {
                env.close();
            }
        } catch (LmdbException e) {
            throw Faults.explain(directory, "it can not be closed", e);
        } finally {
            readers.release(maxReaders);
        }
    }

    private void checkUsable() throws StorageException {
        if (!usable) {
            throw new StorageException.Failed(directory + " is closed; open the storage again");
        }
    }
}
