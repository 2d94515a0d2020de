// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.StorageObserver;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log of repairs, the division of failures, and the user's observer of everything. */
final class DivisionObserver implements StorageObserver {

    // The user's observer comes last: what it throws is caught by storage, and by then the division knows. Of a
    // failure it is told on a thread of its own. It may close the server then, which waits for the thread of
    // storage that tells of it.

    private static final Logger LOG = LoggerFactory.getLogger(DivisionObserver.class);

    private final String member;
    private final Path directory;
    private final BiConsumer<Path, StorageException.Failed> failed;
    private final StorageObserver user;

    DivisionObserver(
            String member, Path directory, BiConsumer<Path, StorageException.Failed> failed, StorageObserver user) {
        this.member = member;
        this.directory = directory;
        this.failed = failed;
        this.user = user;
    }

    @Override
    public void saved(Save save) {
        user.saved(save);
    }

    @Override
    public void snapshotSaved(SnapshotSaved snapshot) {
        user.snapshotSaved(snapshot);
    }

    @Override
    public void released(Release release) {
        user.released(release);
    }

    @Override
    public void recovered(Recovery recovery) {
        user.recovered(recovery);
    }

    @Override
    public void repaired(Repair repair) {
        LOG.warn("{}: {}", member, repair);
        user.repaired(repair);
    }

    @Override
    public void failed(Throwable cause) {
        failed.accept(
                directory,
                cause instanceof StorageException.Failed known
                        ? known
                        : new StorageException.Failed(directory + ": " + cause.getMessage(), cause));
        Thread teller = new Thread(() -> tellUser(cause), member + "-observer-of-failure");
        teller.setDaemon(true);
        teller.start();
    }

    private void tellUser(Throwable cause) {
        try {
            user.failed(cause);
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: the observer could not be told of the failure", member, e);
        }
    }
}
