// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Options;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.InUse;
import dev.mooring.spi.ordered.OrderedEngine;
import java.io.IOException;
import java.nio.file.Path;
import jetbrains.exodus.ConfigurationStrategy;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.EnvironmentImpl;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Transaction;
import jetbrains.exodus.log.LogConfig;

/** The open Xodus environment with the writer under it. Used by one thread; Xodus' own cleaner works beside it. */
final class OpenEnvironment implements OrderedEngine {

    private static final int CACHE_PAGE_BYTES = 1 << 16;

    private final BackendContext context;
    private final Path directory;
    private final Layout layout;
    private final LogWriter writer;
    private final Cleaner cleaner;
    final EnvironmentImpl environment;

    private OpenEnvironment(
            BackendContext context, Layout layout, LogWriter writer, EnvironmentImpl environment, Cleaner cleaner) {
        this.context = context;
        this.directory = context.directory();
        this.layout = layout;
        this.writer = writer;
        this.environment = environment;
        this.cleaner = cleaner;
    }

    static OpenEnvironment open(BackendContext context) throws IOException {
        Path directory = context.directory();
        checkCache(context.options());
        Layout layout = Layout.of(context);
        if (!layout.isNew && !layout.endedCleanly) {
            layout.makeDurable();
        }
        try {
            return open(context, layout, LogFiles.all(directory));
        } catch (StorageException.Corrupted e) {
            // Xodus does not get over a last file whose beginning was torn
            LogFiles others = layout.isNew || layout.endedCleanly ? null : LogFiles.withoutLast(directory);
            if (others == null) {
                throw e;
            }
            return openWithout(context, layout, others, e);
        }
    }

    /** Xodus refuses it too, but with an exception that looks like damage. */
    private static void checkCache(Options options) throws StorageException {
        long cacheBytes = options.number(XodusStorageProvider.CACHE_BYTES);
        long heapBytes = Runtime.getRuntime().maxMemory();
        if (cacheBytes >= heapBytes) {
            throw new StorageException.Refused("mooring.xodus.cache-bytes is " + cacheBytes
                    + ", but the heap of this JVM has " + heapBytes
                    + " bytes at most (-Xmx), and the cache must fit into it"
                    + " beside everything else. Set mooring.xodus.cache-bytes to " + heapBytes / 4
                    + " or less, or raise -Xmx");
        }
    }

    private static OpenEnvironment openWithout(
            BackendContext context, Layout layout, LogFiles others, StorageException.Corrupted first)
            throws IOException {
        try {
            return open(context, layout, others);
        } catch (StorageException.Corrupted e) {
            first.addSuppressed(e);
            throw first;
        }
    }

    private static OpenEnvironment open(BackendContext context, Layout layout, LogFiles files) throws IOException {
        Path directory = context.directory();
        boolean synced = context.options().text(XodusStorageProvider.SYNC).equals("always");
        LogWriter writer = new LogWriter(directory, files, layout.isNew, synced);
        try {
            EnvironmentImpl environment = (EnvironmentImpl) Environments.newInstance(
                    LogConfig.create(files, writer), config(context.options(), layout.fileBytes, synced));
            return new OpenEnvironment(context, layout, writer, environment, new Cleaner(environment, files));
        } catch (RuntimeException e) {
            writer.fail();
            writer.release(e);
            String what = "it can not be opened";
            throw layout.isNew ? Faults.writing(directory, what, e) : Faults.reading(directory, what, e);
        }
    }

    static EnvironmentConfig config(Options options, long fileBytes, boolean synced) {
        // not the default strategy, which lets system properties decide
        return new EnvironmentConfig(ConfigurationStrategy.IGNORE)
                .setLogDurableWrite(synced)
                .setLogFileSize(fileBytes >> 10)
                .setLogCachePageSize(CACHE_PAGE_BYTES)
                .setLogCacheShared(false)
                .setMemoryUsage(options.number(XodusStorageProvider.CACHE_BYTES))
                .setLogCacheUseNio(false) // a mapping would stay until it is collected
                .setFullFileReadonly(false)
                .setLogClearInvalid(false) // it would begin anew instead of saying what is wrong
                .setLogAllowRamDisk(true)
                .setLogAllowRemovable(true)
                .setLogAllowRemote(true) // what finds that out works on Windows only, and needs sun.misc.Unsafe
                .setManagementEnabled(false)
                .setEnvGatherStatistics(false)
                .setEnvMonitorTxnsTimeout(0)
                .setEnvMonitorTxnsExpirationTimeout(0)
                .setGcEnabled(false) // until what was found has been checked
                .setGcStartIn(0)
                .setGcFilesDeletionDelay(0) // a reader holds a file by its transaction, not by time
                .setGcRunPeriod(1000);
    }

    @Override
    public boolean isNew() {
        return layout.isNew;
    }

    /** Lets Xodus cut off what it took for torn, but only if no acknowledged change goes with it; then it may clean up. */
    @Override
    public void loaded(long sequence) throws IOException {
        if (layout.isNew) {
            layout.write(context.storageId());
        }
        TornTail.confirm(writer, context, layout, sequence);
        InUse.set(directory);
        cleaner.begin(layout.endedCleanly);
    }

    @Override
    public <T> T read(String what, Reading<T> reading) throws IOException {
        Transaction txn = begin(what);
        try {
            return reading.read(new Stores(environment, txn, layout.fileBytes));
        } catch (RuntimeException e) {
            throw Faults.reading(directory, what, e);
        } finally {
            txn.abort();
        }
    }

    private Transaction begin(String what) throws IOException {
        try {
            return environment.beginReadonlyTransaction();
        } catch (RuntimeException e) {
            throw Faults.writing(directory, what, e); // it gave up after a write that failed
        }
    }

    @Override
    public void change(String what, long addedBytes, Writing writing) throws IOException {
        Transaction txn = null;
        try {
            txn = environment.beginExclusiveTransaction();
            writing.write(new Stores(environment, txn, layout.fileBytes));
            if (!txn.commit()) {
                throw new IOException(directory + ": " + what + ": Xodus has refused to commit the only change");
            }
        } catch (RuntimeException e) {
            throw Faults.writing(directory, what, e);
        } finally {
            if (txn != null && !txn.isFinished()) {
                txn.abort();
            }
        }
    }

    @Override
    public void awaitReaders() {
        // reads and changes take turns on one thread: none is running
    }

    @Override
    public void close(boolean whole) throws IOException {
        if (!whole) {
            writer.fail();
            environment.getEnvironmentConfig().setEnvCloseForcedly(true);
        }
        try {
            cleaner.endCounting();
            environment.close();
            if (whole) {
                StableFile.forceDirectory(directory); // the cleaner has deleted files
                InUse.clear(directory);
            }
        } catch (RuntimeException e) {
            writer.release(e);
            throw Faults.writing(directory, "it can not be closed", e);
        }
    }
}
