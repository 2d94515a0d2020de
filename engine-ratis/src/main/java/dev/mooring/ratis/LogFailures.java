// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The failures of one log: each closes the division, but for those of a log that is not open, or not any more. */
final class LogFailures {

    private static final Logger LOG = LoggerFactory.getLogger(LogFailures.class);

    private final RaftServer.Division division;
    private final Supplier<@Nullable OpenLog> open;
    private final FailStop failStop;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param open gives the log; null until it is open */
    LogFailures(RaftServer.Division division, Supplier<@Nullable OpenLog> open) {
        this.division = division;
        this.open = open;
        this.failStop = new FailStop(division);
    }

    /** Comes before the log is open. */
    void start() {
        failStop.start();
    }

    /** Whether the log has failed: then the division is closing, or closed. */
    boolean happened() {
        return failStop.happened();
    }

    /** What failed first; null if nothing did. */
    @Nullable
    Throwable cause() {
        return failStop.cause();
    }

    /** The storage says itself that it has failed. Called on any thread. */
    void storageFailed(Path directory, StorageException.Failed cause) {
        if (open.get() != null) { // else the start fails, and says why
            failStop.fail("writing", directory, cause, null);
        }
    }

    /**
     * Closes the division, and fails what still waits to be written.
     *
     * @param doing what the log was about to do
     * @param entry the entry that it was about; null if none
     */
    void failed(String doing, Throwable thrown, @Nullable LogEntryProto entry) {
        OpenLog log = open.get();
        if (log != null && !closed.get()) {
            Throwable cause = JavaUtils.unwrapCompletionException(thrown);
            if (happened() || !division.getInfo().getLifeCycleState().isClosingOrClosed()) {
                failStop.fail(doing, log.storage.directory(), cause, entry);
            } else { // a state machine that is closed already may refuse anything; storage would have said so itself
                LOG.warn("{}: failed while {}, as the division closes", division.getMemberId(), doing, cause);
            }
            log.writer.fail(cause);
        }
    }

    /** From now on failures are those of a closed log; returns whether it was not closed before. */
    boolean close() {
        failStop.end();
        return closed.compareAndSet(false, true);
    }
}
