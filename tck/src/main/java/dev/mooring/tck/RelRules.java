// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** REL: a release takes away what it names and nothing else. */
abstract class RelRules extends Rules {

    private static final int ENTRY_BYTES = 10_000;
    private static final int ATTACHMENT_BYTES = 60_000;
    private static final int SAMPLE_BYTES = 240_000;
    private static final int FIRST_BYTES = 1_500_000;
    private static final int SAVED_BYTES = 6_000_000;
    private static final int MOST_BYTES = 64_000_000; // until some of it must have come back
    private static final int SLACK_BYTES = 200_000;

    RelRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.REL_1)
    void whatIsAboveStays() throws IOException {
        Twin twin = filled();
        for (long index : new long[] {0, 1, 7, 30, 31}) {
            twin.releaseLock("g", index);
            twin.checkReads();
        }
        twin.append("g", 3, 2, 100);
        twin.checkReads();
    }

    @Verifies(Rule.REL_1)
    void everythingMayBeReleased() throws IOException {
        Twin twin = filled();
        twin.snapshot("g", 59, 1);
        twin.releaseLock("g", 59);
        twin.append("g", 4, 2, 100);
        twin.checkReads();
    }

    @Verifies(value = Rule.REL_1, needs = Claim.PROCESS_CRASH)
    void hardStateSnapshotAndAttachmentStay() throws IOException {
        Twin twin = filled();
        twin.releaseLock("g", 40);
        twin.reopen();
        twin.snapshot("g", 59, 1);
        twin.releaseLock("g", 59);
        twin.crash();
        twin.reopen();
    }

    @Verifies(Rule.REL_1)
    void otherGroupsKeepTheirs() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 40; i++) {
            twin.saveAll(twin.entries("g", 2, 1, 6000), twin.entries("h", 1, 1, 6000));
        }
        twin.snapshot("g", 79, 1);
        twin.releaseLock("g", 70);
        twin.checkReads();
        for (int i = 0; i < 20; i++) {
            twin.append("g", 2, 1, 6000);
        }
        twin.checkReads();
    }

    @Verifies(Rule.REL_2)
    void whatIsLeftIsConsecutiveAfterReopening() throws IOException {
        Twin twin = filled();
        twin.releaseLock("g", 10);
        twin.reopen();
        twin.overwrite("g", 45, 3, 2, 200);
        twin.releaseLock("g", 33);
        twin.append("g", 3, 3, 200);
        twin.reopen();
        twin.snapshot("g", 47, 2);
        twin.releaseLock("g", 46);
        twin.crash();
        twin.append("g", 1, 3, 10);
        twin.reopen();
    }

    @Verifies(Rule.REL_2)
    void releasesBehindAMovingLogLeaveItWhole() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 60; i++) {
            twin.append("g", 4, 1, 8000);
            twin.append("h", 1, 1, 100);
            long last = twin.model().state("g").lastIndex();
            if (i % 4 == 3) {
                twin.snapshot("g", last - 3, 1);
                twin.releaseLock("g", last - 6);
            }
            if (i % 15 == 14) {
                twin.crash();
            } else if (i % 15 == 7) {
                twin.reopen();
            }
        }
    }

    @Verifies(Rule.REL_3)
    void diskUseStaysBounded() throws IOException, InterruptedException {
        diskUseStaysBounded("saved and all but the last entries released", SAVED_BYTES, saveAndRelease(twin()));
    }

    @Verifies(Rule.REL_3)
    void diskUseStaysBoundedBesideAGroupThatIsQuiet() throws IOException, InterruptedException {
        Twin twin = twin();
        // one live entry in the oldest file
        twin.append("quiet", 1, 1, 1000);
        twin.state("quiet", 1, "n1", -1);
        diskUseStaysBounded("saved and all but the last entries released", SAVED_BYTES, saveAndRelease(twin));
    }

    /** Nothing is ever released here: what is replaced takes space all the same. */
    @Verifies(Rule.REL_3)
    void attachmentsThatAreReplacedGiveTheirSpaceBack() throws IOException, InterruptedException {
        Twin twin = twin();
        diskUseStaysBounded("saved as the attachment of one group", SAVED_BYTES / 2, round -> {
            twin.attach("g", Payloads.bytes(round, ATTACHMENT_BYTES));
            return ATTACHMENT_BYTES;
        });
    }

    @Verifies(Rule.REL_3)
    void entriesThatAreOverwrittenGiveTheirSpaceBack() throws IOException, InterruptedException {
        Twin twin = twin();
        twin.append("g", 10, 1, 100);
        diskUseStaysBounded("saved over the same entries", SAVED_BYTES / 2, round -> {
            twin.overwrite("g", 5, 6, 2 + round, ENTRY_BYTES);
            return 6 * ENTRY_BYTES;
        });
    }

    @Verifies(Rule.REL_3)
    void groupsThatAreDroppedGiveTheirSpaceBack() throws IOException, InterruptedException {
        Twin twin = twin();
        diskUseStaysBounded("saved to groups that were dropped", SAVED_BYTES / 2, round -> {
            String group = "group-" + round % 7;
            twin.append(group, 6, 1, ENTRY_BYTES);
            twin.drop(group);
            return 6 * ENTRY_BYTES;
        });
    }

    /** Saves something and gives it up again. */
    @FunctionalInterface
    private interface Round {
        /** Returns how many bytes were saved. */
        int run(int number) throws IOException;
    }

    /**
     * Saves until some of the space has come back, which is how it is known that it does, whatever a file may grow to
     * before it is rewritten; then twice as much again.
     *
     * @param then how much that is at least, in bytes
     */
    private void diskUseStaysBounded(String how, long then, Round round) throws IOException, InterruptedException {
        Path directory = directory();
        int number = 0;
        long saved = 0;
        long early = 0;
        long most = 0;
        long use = 0;
        while (saved < FIRST_BYTES || (use > saved / 2 && saved < MOST_BYTES)) {
            for (long until = saved + SAMPLE_BYTES; saved < until; ) {
                saved += round.run(number++);
            }
            use = DiskUse.of(directory);
            if (use == 0) {
                throw new NotRun("nothing is in the directory: where the backend keeps its data the kit does not know");
            }
            early = early == 0 ? use : early;
            most = Math.max(most, use);
        }
        if (use > saved / 2) {
            use = whenReclaimed(saved / 2);
        }
        if (use > saved / 2 && use <= early + SLACK_BYTES) {
            throw new NotRun("the directory took " + early + " bytes from the beginning, too many to see it grow; let"
                    + " options() make its files smaller");
        }
        isBounded(
                use,
                saved / 2,
                saved + " bytes were " + how + ", and less than half of that came back (if files grow"
                        + " larger than that before they are rewritten, let options() make them smaller)");
        long allowed = most + most / 2 + SLACK_BYTES;
        long first = saved;
        long end = saved + Math.max(2 * saved, then);
        while (saved < end) {
            for (long until = saved + SAMPLE_BYTES; saved < until; ) {
                saved += round.run(number++);
            }
            use = DiskUse.of(directory);
            if (use > allowed) {
                isBounded(
                        whenReclaimed(allowed),
                        allowed,
                        "it took up to " + most + " while the first " + first + " bytes were " + how
                                + ", and this after " + saved);
            }
        }
    }

    private static void isBounded(long use, long allowed, String why) {
        Check.that(
                use <= allowed,
                () -> "the directory takes " + use + " bytes instead of at most " + allowed + ": " + why);
    }

    /** Space may be reclaimed in the background. */
    private long whenReclaimed(long allowed) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        long use = DiskUse.of(directory());
        while (use > allowed && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(50);
            use = DiskUse.of(directory());
        }
        return use;
    }

    private static Round saveAndRelease(Twin twin) {
        return round -> {
            twin.append("g", 4, 1, ENTRY_BYTES);
            long last = twin.model().state("g").lastIndex();
            if (last % 8 == 7) {
                twin.snapshot("g", last - 1, 1);
                twin.releaseLock("g", last - 1);
            }
            return 4 * ENTRY_BYTES;
        };
    }

    /** Verbs come one at a time, from any thread. */
    @Verifies(Rule.REL_5)
    void aReleaseByAnotherThreadIsKept() throws IOException, InterruptedException {
        Twin twin = filled();
        on("releaser", () -> twin.releaseLock("g", 20));
        on("saver", () -> twin.append("g", 1, 1, 100));
        on("releaser", () -> twin.releaseLock("g", 30));
        on("closer", () -> firstIndexIsKept(twin, 31));
    }

    private static void on(String thread, Failures.Body body) throws InterruptedException {
        Failures failures = new Failures();
        failures.join(List.of(failures.start(thread, body)));
    }

    @Verifies(Rule.REL_5)
    void theFirstIndexDoesNotGoBack() throws IOException {
        Twin twin = filled();
        twin.releaseLock("g", 5);
        firstIndexIsKept(twin, 6);
        twin.releaseLock("g", 6);
        firstIndexIsKept(twin, 7);
        twin.append("g", 1, 1, 100);
        twin.releaseLock("g", 38);
        firstIndexIsKept(twin, 39);
        twin.snapshot("g", 60, 1);
        twin.releaseLock("g", 60);
        firstIndexIsKept(twin, 61);
        twin.append("g", 1, 1, 100);
        firstIndexIsKept(twin, 61);
    }

    @Verifies(Rule.REL_5)
    void aReleaseUndoneByACrashLeavesAConsecutiveLog() throws IOException {
        Twin twin = filled();
        for (long index = 2; index < 40; index += 6) {
            twin.releaseLock("g", Math.max(index, twin.model().state("g").firstIndex()));
            twin.crash();
            twin.append("g", 1, 2, 3000);
        }
    }

    private Twin filled() throws IOException {
        Twin twin = twin();
        twin.state("g", 1, "n1", -1);
        twin.attach("g", Payloads.bytes(7, 77));
        for (int i = 0; i < 20; i++) {
            twin.append("g", 3, 1, 4000);
        }
        twin.snapshot("g", 40, 1);
        return twin;
    }

    private static void firstIndexIsKept(Twin twin, long firstIndex) throws IOException {
        twin.reopen();
        GroupState found = twin.storage().loaded().groups().get("g");
        Check.equal(firstIndex, found == null ? null : found.firstIndex(), "firstIndex after a clean close");
    }
}
