// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.InUse;
import dev.mooring.spi.ordered.OrderedEngine;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** Every change is one write batch over both column families, and so one record of RocksDB's log and one sync. */
final class Engine implements OrderedEngine {

    private final OpenDatabase open;
    private final boolean isNew;
    private final WriteOptions durable;
    private final EntryBuffer buffer = new EntryBuffer();
    private final Map<Integer, Long> deletedBelow = new HashMap<>();

    // whoever calls RocksDB holds the read side. Close holds the write side, for a call after it takes the JVM down;
    // a drop takes it once before it returns, so that no read from before goes on
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private Engine(OpenDatabase open, boolean isNew, boolean sync) {
        this.open = open;
        this.isNew = isNew;
        this.durable = new WriteOptions().setSync(sync);
    }

    static Engine open(BackendContext context) throws IOException {
        boolean isNew = !StableFile.exists(context.directory().resolve("CURRENT"));
        OpenDatabase open = Recovery.open(context);
        return new Engine(
                open, isNew, context.options().text(RocksDbStorageProvider.SYNC).equals("always"));
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    @Override
    public <T> T read(String what, Reading<T> reading) throws IOException {
        return using(what, () -> reading.read(new Reads(open)));
    }

    @Override
    public void change(String what, long addedBytes, Writing writing) throws IOException {
        using(what, () -> {
            try (Batch batch = new Batch(open, buffer, deletedBelow)) {
                writing.write(batch);
                batch.write(durable);
            } catch (IOException | RocksDBException | RuntimeException e) {
                // in the background, too, nothing is written any more
                open.database.cancelAllBackgroundWork(true);
                throw e;
            }
            return what;
        });
    }

    @Override
    public void awaitReaders() {
        use.writeLock().lock();
        try {
            // none is running now
        } finally {
            use.writeLock().unlock();
        }
    }

    @Override
    public void close(boolean whole) throws IOException {
        use.writeLock().lock();
        try {
            closed = true;
            if (whole) {
                closeWhole();
            } else {
                open.free(); // it was told what has failed
            }
        } catch (RocksDBException e) {
            throw Faults.explain(open.directory, "it can not be closed", e);
        } finally {
            durable.close();
            use.writeLock().unlock();
        }
    }

    private void closeWhole() throws IOException, RocksDBException {
        try {
            open.database.syncWal(); // with sync=never nothing was
        } finally {
            open.close();
        }
        InUse.clear(open.directory);
    }

    private <T> T using(String what, Call<T> call) throws IOException {
        use.readLock().lock();
        try {
            if (closed) {
                throw new StorageException.Failed(open.directory + " is closed; open the storage again");
            }
            return call.run();
        } catch (Unexplained e) {
            throw Faults.explain(open.directory, what, e.thrown);
        } catch (RocksDBException e) {
            throw Faults.explain(open.directory, what, e);
        } finally {
            use.readLock().unlock();
        }
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException, RocksDBException;
    }
}
