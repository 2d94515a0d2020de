// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageException;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.power.CoreSubject;
import dev.mooring.tck.power.DamageRuns;
import dev.mooring.tck.power.FaultRuns;
import dev.mooring.tck.power.FaultRuns.End;
import dev.mooring.tck.power.Quiet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever call of the disk fails and whatever byte is damaged: the message is one that an operator can work with. */
class MessagesInTroubleTest {

    private static final int PLACES = 12;
    private static final int PER_FILE = 12;

    private static final String FILE =
            "/(IDENTITY|MARK|data/MANIFEST|data/segment-\\d+|snapshots/[^ :]+)\\b|/data is missing| no IDENTITY";

    // of which group, or that this is not known; or of the storage, all groups of it
    private static final String WHOSE =
            "[Gg]roup '[^']+'|which groups and entries can not be told|/(IDENTITY|MARK)\\b|/data is missing| no IDENTITY";

    private final Collection<Exception> heard = new ConcurrentLinkedQueue<>();

    private final Quiet quiet = new Quiet();

    @BeforeEach
    void begin() {
        quiet.begin();
    }

    @AfterEach
    void end() {
        quiet.end();
    }

    @Test
    void everyFailedCallIsSaidWithItsFile() throws Exception {
        FaultRuns runs = new FaultRuns(subject(), DiskModel.JOURNALLED, 7, FaultRuns.After.SOME_POWER_CUTS, heard::add);
        for (Operation operation : Operation.values()) {
            int calls = runs.calls(operation);
            for (int place = 0; place < Math.min(calls, PLACES); place++) {
                runs.oneFails(operation, 1 + place * calls / Math.min(calls, PLACES));
            }
        }
        for (int place = 0; place < PLACES; place++) {
            runs.fullAt(runs.usedBytes() * place / PLACES);
            runs.openFilesLimitedTo(place);
        }
        int reads = runs.callsOfRecovery(End.AFTER_ALL_CALLS, Operation.READ);
        for (int nth = 1; nth <= reads; nth++) {
            runs.oneFailsInRecovery(End.AFTER_ALL_CALLS, Operation.READ, nth, Failure.EIO);
        }
        runs.allFail(Operation.CREATE, 1, Failure.EROFS);
        runs.allFail(Operation.CREATE, 1, Failure.EACCES);
        assertThat(heard).hasSizeGreaterThan(100).allSatisfy(MessagesInTroubleTest::isOfUse);
    }

    @Test
    void allDamageIsSaidWithItsFileOrItsGroup() throws Exception {
        DamageRuns runs = new DamageRuns(subject(), 7, heard::add);
        runs.flippedBits(PER_FILE);
        runs.zeroedBlocks(PER_FILE);
        runs.misdirectedBlocks(PER_FILE);
        runs.otherLengths(PER_FILE);
        runs.hostileBytes(PER_FILE);
        runs.missingFiles();
        runs.oldFiles();
        assertThat(heard).hasSizeGreaterThan(100).allSatisfy(MessagesInTroubleTest::isOfUse);
    }

    private static void isOfUse(Exception e) {
        assertThat(e).isInstanceOf(StorageException.class);
        assertThat(e.getMessage())
                .contains("mooring-simulated-disk") // the path
                .doesNotContain("Exception", "null")
                .doesNotMatch("(?s).*(reading|writing) /[^ :]+: .*") // where in it?
                .doesNotMatch("(?s).*/[A-Za-z0-9.-]+") // a path, and what of it?
                .matches(message -> !repeatsItself(message), "says each sentence once");
        if (e instanceof StorageException.Corrupted) {
            assertThat(e.getMessage())
                    .containsPattern(FILE)
                    .containsPattern(WHOSE)
                    .containsPattern("new member|from its peers");
        }
    }

    private static boolean repeatsItself(String message) {
        String[] sentences = message.split("[.:;] ");
        return Arrays.stream(sentences).distinct().count() < sentences.length;
    }

    private static CoreSubject subject() throws StorageException {
        return new CoreSubject(new FilesStorageProvider(), Map.of("segment-bytes", "64KiB"), 6000);
    }
}
