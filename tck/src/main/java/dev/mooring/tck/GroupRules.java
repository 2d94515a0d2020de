// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.HardState;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** GROUP: many Raft groups share one storage and know nothing of each other. */
abstract class GroupRules extends Rules {

    private static final int MANY = 1000;
    // prefixes of each other, alike but for case or a separator, of equal hash codes, as a file that a backend may have
    // of its own, and as long as a name may be
    private static final List<String> NAMES = List.of(
            "a",
            "A",
            "aa",
            "ab",
            "Ab",
            "a-",
            "a.",
            "a_",
            ".",
            "..",
            "-",
            "0",
            "00",
            "Aa",
            "BB",
            "tmp",
            "a.tmp",
            "a.log",
            "x".repeat(64),
            "x".repeat(63));

    GroupRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.GROUP_1)
    void groupsKeepTheirOwnEntries() throws IOException {
        Twin twin = named();
        twin.overwrite("a", 2, 1, 2, 60);
        twin.truncate("ab", 1);
        twin.snapshot("A", 3, 1);
        twin.releaseLock("A", 2);
        twin.append("..", 4, 3, 80);
        twin.checkReads();
    }

    @Verifies(value = Rule.GROUP_1, needs = Claim.PROCESS_CRASH)
    void groupsKeepTheirOwnState() throws IOException {
        Twin twin = named();
        twin.reopen();
        twin.state("a", 50, null, 2);
        twin.attach("A", Payloads.bytes(99, 10));
        twin.snapshot("aa", 3, 1);
        twin.crash();
    }

    @Verifies(value = Rule.GROUP_1, needs = Claim.PROCESS_CRASH)
    void aGroupMayBeCalledAsAFileIs() throws IOException {
        Twin twin = twin();
        twin.append("g", 3, 1, 100);
        twin.attach("g", Payloads.bytes(1, 20));
        List<String> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(directory())) {
            found.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[A-Za-z0-9._-]{1,64}"))
                    .distinct()
                    .forEach(files::add);
        }
        for (String name : files) {
            twin.append(name, 2, 1, 100);
            twin.state(name, 2, name, -1);
            twin.attach(name, Payloads.bytes(2, 20));
        }
        twin.reopen();
        twin.keepBusy("busy");
        twin.crash();
        for (String name : files) {
            twin.drop(name);
        }
        twin.reopen();
    }

    @Verifies(Rule.GROUP_2)
    void aSaveAppliesAllItsGroups() throws IOException {
        Twin twin = twin();
        for (int round = 1; round <= 5; round++) {
            List<Update> updates = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                updates.add(twin.entries("group-" + i, 1 + i % 3, round, 100 + i));
            }
            twin.saveEntries(twin.nextSequence(), updates);
            twin.checkReads();
        }
    }

    @Verifies(value = Rule.GROUP_2, needs = Claim.PROCESS_CRASH)
    void aSaveMayDoADifferentThingToEachGroup() throws IOException {
        Twin twin = named();
        twin.saveAll(
                new Update("a", 2L, Payloads.run("a", 2, 3, 2, 30, 7), new HardState(2, "n1", 1), null),
                new Update("aa", 1L, List.of(), null, null),
                new Update("ab", null, List.of(), new HardState(5, null, 0), null),
                new Update("new", null, List.of(), null, ByteBuffer.wrap(Payloads.bytes(3, 30))),
                twin.entries("newer", 2, 1, 0));
        twin.crash();
        twin.reopen();
    }

    @Verifies(Rule.GROUP_3)
    void aReleaseBeforeTheDropDoesNotBringAGroupBack() throws IOException {
        Twin twin = named();
        twin.releaseLock("a", 2);
        twin.drop("a");
        twin.reopen();
        twin.checkReads();
    }

    @Verifies(Rule.GROUP_3)
    void aDroppedGroupIsNewAgain() throws IOException {
        Twin twin = named();
        twin.drop("a");
        twin.checkGone("a", 0, 3);
        twin.checkReads();
        twin.save(new Update("a", null, Payloads.run("a", 1, 2, 1, 40, 5), null, null));
        twin.checkRead("a", 1, 9);
        twin.checkReads();
    }

    @Verifies(Rule.GROUP_3)
    void dropWaitsForARunningRead() throws IOException, InterruptedException {
        try (BareStorage storage = BareStorage.create(plug(), directory().resolve("dropping"))) {
            storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 20, 1, 1000)));
            // how far it comes is left open: a read of a group that is being dropped may end early
            HeldRead.outlastedBy("drop", storage, 19, () -> storage.drop(2, "g"));
        }
    }

    @Verifies(value = Rule.GROUP_3, needs = Claim.PROCESS_CRASH)
    void aDroppedGroupStaysDropped() throws IOException {
        Twin twin = named();
        twin.drop("a");
        twin.reopen();
        twin.drop("x".repeat(63));
        twin.crash();
        twin.save(new Update("a", null, Payloads.run("a", 1, 2, 1, 40, 5), null, null));
        twin.crash();
        twin.drop("a");
        twin.save(new Update("a", null, List.of(), new HardState(1, null, -1), null));
        twin.crash(twin.model().sequence());
        twin.reopen();
    }

    /** The file that says so may be given back before the one that holds what was dropped. */
    @Verifies(value = Rule.GROUP_3, needs = Claim.PROCESS_CRASH)
    void aDropOutlivesTheFilesItWasWrittenTo() throws IOException {
        Twin twin = twin();
        twin.append("quiet", 1, 1, 100);
        twin.append("a", 20, 1, 100);
        twin.drop("a");
        twin.keepBusy("busy");
        twin.crash();
        twin.reopen();
    }

    @Verifies(value = Rule.GROUP_3, needs = Claim.PROCESS_CRASH)
    void allGroupsMayBeDropped() throws IOException {
        Twin twin = named();
        for (String name : NAMES) {
            twin.drop(name);
        }
        twin.crash();
        twin.append("a", 3, 1, 30);
        twin.crash();
    }

    @Verifies(Rule.GROUP_4)
    void aThousandGroupsRecover() throws IOException {
        Twin twin = twin();
        List<Update> updates = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Update entries = twin.entries("group-" + i, 2, 1, 50);
            updates.add(new Update(entries.group(), null, entries.entries(), new HardState(1, "n" + i % 5, -1), null));
        }
        twin.saveEntries(twin.nextSequence(), updates);
        twin.reopen();
        for (int i = 0; i < MANY; i += 3) {
            twin.append("group-" + i, 1, 1, 200);
        }
        twin.drop("group-500");
        twin.snapshot("group-7", 1, 1);
        twin.releaseLock("group-7", 0);
        twin.crash();
        twin.reopen();
        for (int i = 0; i < MANY; i++) {
            if (i != 500) {
                twin.drop("group-" + i);
            }
        }
        twin.reopen();
    }

    private Twin named() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            twin.append(name, 4, 1, 30 + i);
            twin.state(name, i + 1, "voted-by-" + i, -1);
            twin.attach(name, Payloads.bytes(i, 20));
        }
        return twin;
    }
}
