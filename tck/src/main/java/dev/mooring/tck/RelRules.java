// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** REL: a release takes away what it names and nothing else. */
abstract class RelRules extends Rules {

    private static final int ENTRY_BYTES = 10_000;
    private static final int SAVED_BYTES = 6_000_000;
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
        diskUseStaysBounded(twin());
    }

    @Verifies(Rule.REL_3)
    void diskUseStaysBoundedBesideAGroupThatIsQuiet() throws IOException, InterruptedException {
        Twin twin = twin();
        // one live entry in the oldest file
        twin.append("quiet", 1, 1, 1000);
        twin.state("quiet", 1, "n1", -1);
        diskUseStaysBounded(twin);
    }

    private void diskUseStaysBounded(Twin twin) throws IOException, InterruptedException {
        saveAndRelease(twin, SAVED_BYTES / 4);
        long early = DiskUse.of(directory());
        if (early == 0) {
            throw new NotRun("nothing is in the directory: where the backend keeps its data the kit does not know");
        }
        if (early > SAVED_BYTES / 2) {
            throw new NotRun("the directory takes " + early + " bytes after " + SAVED_BYTES / 4
                    + " were saved and released, too many to see it grow; let options() make its files smaller");
        }
        saveAndRelease(twin, SAVED_BYTES);
        long allowed = 2 * early + SLACK_BYTES;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        long late = DiskUse.of(directory());
        // space may be reclaimed in the background
        while (late > allowed && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
            late = DiskUse.of(directory());
        }
        long found = late;
        Check.that(
                found <= allowed,
                () -> "the directory grew from " + early + " bytes to " + found + " while " + SAVED_BYTES
                        + " bytes were saved and all but the last entries released");
    }

    private static void saveAndRelease(Twin twin, long bytes) throws IOException {
        for (long saved = 0; saved < bytes; saved += 4 * ENTRY_BYTES) {
            twin.append("g", 4, 1, ENTRY_BYTES);
            long last = twin.model().state("g").lastIndex();
            if (last % 8 == 7) {
                twin.snapshot("g", last - 1, 1);
                twin.releaseLock("g", last - 1);
            }
        }
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
