// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes the division when its storage has failed, once, and says why. */
final class FailStop {

    // Ratis itself lives on after its log failed: a leader as a follower whose log is closed, a follower
    // with a log in memory that no disk holds and with every append refused for ever (both still RUNNING).
    // Nobody notices until the next server fails too. A division that is closed is seen by its clients, its
    // peers and the operator at once.
    //
    // The thread that closes is there before anything fails: a system that has no thread left is one that
    // fails. The state machine is told on another one. A handler that takes its time would keep a leader that
    // can not commit, and a division that takes its time to close is no reason to leave it in the dark.

    private static final Logger LOG = LoggerFactory.getLogger(FailStop.class);

    private final RaftServer.Division division;
    private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>(); // failed, or closed without that

    FailStop(RaftServer.Division division) {
        this.division = division;
    }

    /** From now on a failure closes the division. */
    void start() {
        Thread closer = new Thread(this::closeAfterFailure, division.getMemberId() + "-fail-stop");
        closer.setDaemon(true);
        closer.start();
    }

    /** The log is closed: nothing that fails now can close the division any more. */
    void end() {
        over.complete(null);
    }

    boolean happened() {
        return cause.get() != null;
    }

    /** What failed first; null if nothing did. */
    @Nullable
    Throwable cause() {
        return cause.get();
    }

    /**
     * Closes the division, says why in the log and tells the state machine, the first and the last each on a thread of its
     * own: they wait for threads that may be the one that calls this, or wait for it. Calling it again does nothing.
     *
     * @param doing what the storage was asked to do
     * @param entry the entry that it was about; null if none
     */
    void fail(String doing, Path directory, Throwable failure, @Nullable LogEntryProto entry) {
        if (!cause.compareAndSet(null, failure)) {
            return;
        }
        over.complete(null); // first: whatever goes wrong below, the division closes
        LOG.error(
                "{}: the storage {} failed while {}. This division closes; the rest of the server goes on. {}",
                division.getMemberId(),
                directory,
                doing,
                whatToDo(failure),
                failure);
        Thread teller = new Thread(() -> tell(failure, entry), division.getMemberId() + "-storage-failed");
        teller.setDaemon(true);
        try {
            teller.start();
        } catch (OutOfMemoryError e) { // no thread left
            couldNotTell(e);
        }
    }

    static String whatToDo(Throwable failure) {
        if (failure instanceof StorageException.Corrupted) {
            return "What was acknowledged is damaged here, and a restart does not mend it. Keep a copy of the directory, then"
                    + " replace this server by one that gets everything from its peers; only where no majority is whole, put back a backup";
        }
        if (failure instanceof IllegalArgumentException || failure instanceof IllegalStateException) {
            return "What was acknowledged before is safe, and no disk has failed: what was asked for is not allowed. Nothing"
                    + " was changed by it. Please report this, then restart the server";
        }
        return "What was acknowledged before is safe. Mend what the cause names and restart the server";
    }

    private void closeAfterFailure() {
        over.join(); // an interrupt does not end it
        Throwable failure = cause.get();
        if (failure != null) {
            division.close();
            LOG.error("{}: closed, because its storage failed: {}", division.getMemberId(), failure.toString());
        }
    }

    private void tell(Throwable failure, @Nullable LogEntryProto entry) {
        try {
            division.getStateMachine().event().notifyLogFailed(failure, entry);
        } catch (RuntimeException | Error e) {
            couldNotTell(e);
        }
    }

    private void couldNotTell(Throwable why) {
        LOG.warn("{}: the state machine could not be told of the failure", division.getMemberId(), why);
    }
}
