// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Options;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import jetbrains.exodus.ConfigurationStrategy;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Transaction;
import jetbrains.exodus.log.LogConfig;

/** The open Xodus environment with the writer under it. Used by one thread; Xodus' own cleaner works beside it. */
final class OpenEnvironment {

    private static final int CACHE_PAGE_BYTES = 1 << 16;

    final Layout layout;
    final LogWriter writer;
    private final Path directory;
    private final Environment environment;

    private OpenEnvironment(Path directory, Layout layout, LogWriter writer, Environment environment) {
        this.directory = directory;
        this.layout = layout;
        this.writer = writer;
        this.environment = environment;
    }

    static OpenEnvironment open(BackendContext context) throws IOException {
        Path directory = context.directory();
        Layout layout = Layout.of(context);
        if (!layout.isNew && !context.endedCleanly()) {
            layout.makeDurable();
        }
        try {
            return open(context, layout, LogFiles.all(directory));
        } catch (StorageException.Corrupted e) {
            // Xodus does not get over a last file whose beginning was torn
            LogFiles others = layout.isNew || context.endedCleanly() ? null : LogFiles.withoutLast(directory);
            if (others == null) {
                throw e;
            }
            return openWithout(context, layout, others, e);
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
            Environment environment = Environments.newInstance(
                    LogConfig.create(files, writer), config(context.options(), layout.fileBytes, synced));
            environment.suspendGC(); // until what was found has been checked
            return new OpenEnvironment(directory, layout, writer, environment);
        } catch (RuntimeException e) {
            writer.fail();
            writer.release(e);
            throw Faults.reading(directory, "it can not be opened", e);
        }
    }

    private static EnvironmentConfig config(Options options, long fileBytes, boolean synced) {
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
                .setGcStartIn(0)
                .setGcFilesDeletionDelay(0) // a reader holds a file by its transaction, not by time
                .setGcRunPeriod(1000);
    }

    Path directory() {
        return directory;
    }

    /** Lets the cleaner work, which gives back the space of what was deleted. */
    void startCleaning() {
        environment.resumeGC();
    }

    <T> T read(String what, Step<T> step) throws IOException {
        Transaction txn = begin(what);
        try {
            return step.run(new Stores(environment, txn, layout.fileBytes));
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

    /** Writes one transaction: when this returns, it is as durable as the option {@code sync} says. */
    <T> T change(String what, Step<T> step) throws IOException {
        Transaction txn = null;
        try {
            txn = environment.beginExclusiveTransaction();
            T result = step.run(new Stores(environment, txn, layout.fileBytes));
            if (!txn.commit()) {
                throw new IOException(directory + ": " + what + ": Xodus has refused to commit the only change");
            }
            return result;
        } catch (RuntimeException e) {
            throw Faults.writing(directory, what, e);
        } finally {
            if (txn != null && !txn.isFinished()) {
                txn.abort();
            }
        }
    }

    /** Lets go of everything; after a failure nothing is written on the way. */
    void close(boolean whole) throws IOException {
        if (!whole) {
            writer.fail();
            environment.getEnvironmentConfig().setEnvCloseForcedly(true);
        }
        try {
            environment.close();
            if (whole) {
                StableFile.forceDirectory(directory); // the cleaner has deleted files
            }
        } catch (RuntimeException e) {
            writer.release(e);
            throw Faults.writing(directory, "it can not be closed", e);
        }
    }

    /** Looks at the stores, or changes them. */
    @FunctionalInterface
    interface Step<T> {
        T run(Stores stores) throws IOException;
    }
}
