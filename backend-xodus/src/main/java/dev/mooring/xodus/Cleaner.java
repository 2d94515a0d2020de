// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import java.util.Arrays;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.core.execution.Job;
import jetbrains.exodus.core.execution.JobProcessorExceptionHandler;
import jetbrains.exodus.core.execution.ThreadJobProcessor;
import jetbrains.exodus.env.EnvironmentImpl;
import jetbrains.exodus.gc.ComputeUtilizationFromScratchJob;
import jetbrains.exodus.gc.GarbageCollector;

/** Xodus' cleaner, which gives back the space of what was deleted, on a thread of its own. */
final class Cleaner {

    /*
     * Where Xodus does not know how much of each file is alive, it counts, which reads the whole log. It can end that only
     * between two stores, a store is a group, and closing waits for it. So a close lets the next read of the count fail. It
     * only reads: nothing is half done then. What it has counted is forgotten, and so is what was never counted to the end:
     * Xodus would save it as if it were known.
     */
    private final EnvironmentImpl environment;
    private final GarbageCollector gc;
    private final ThreadJobProcessor jobs;
    private volatile boolean counted;
    private volatile boolean failed; // a count
    private volatile boolean closing;

    Cleaner(EnvironmentImpl environment, LogFiles files) {
        this.environment = environment;
        this.gc = environment.getGC();
        this.jobs = (ThreadJobProcessor) gc.getCleanerJobProcessor(); // another one only for a shared cache
        JobProcessorExceptionHandler logs = jobs.getExceptionHandler();
        jobs.setExceptionHandler((processor, job, e) -> {
            if (job instanceof ComputeUtilizationFromScratchJob) {
                failed = true;
            }
            if (logs != null && !(e instanceof CountEnded)) {
                logs.handle(processor, job, e);
            }
        });
        files.beforeEachRead(this::checkMayRead);
    }

    /**
     * Begins. Where Xodus does not know how much of a file is alive, it takes all of it for free, and would move everything;
     * it should have counted at open, but does not while its cleaner is off. After an unclean end what it knows is from the
     * last close: it would take what was deleted since for alive, and wait for the next file.
     */
    void begin(boolean endedCleanly) {
        environment.getEnvironmentConfig().setGcEnabled(true);
        counted = endedCleanly
                && Arrays.stream(environment.getLog().getAllFileAddresses())
                        .allMatch(file -> gc.getFileFreeBytes(file) != Long.MAX_VALUE);
        if (counted) {
            environment.gc();
        } else {
            gc.getUtilizationProfile().computeUtilizationFromScratch();
            // later than the count, which was due at the opening
            jobs.queueAt(new AfterCount(), System.currentTimeMillis());
        }
    }

    private final class AfterCount extends Job {

        @Override
        protected void execute() {
            counted = !failed && !closing;
        }
    }

    private boolean isCounting() {
        return jobs.getCurrentJob() instanceof ComputeUtilizationFromScratchJob;
    }

    private void checkMayRead() {
        if (closing && jobs.isCurrentThread() && isCounting()) {
            throw new CountEnded();
        }
    }

    /** Ends a count; call this before the environment is closed, which ends the rest. */
    void endCounting() {
        boolean known = counted && !failed && !isCounting();
        closing = true;
        if (!known) {
            gc.finish();
            gc.clear(); // the next opening counts
        }
    }

    private static final class CountEnded extends ExodusException {

        private static final long serialVersionUID = 1;

        CountEnded() {
            super("the storage is being closed");
        }
    }
}
