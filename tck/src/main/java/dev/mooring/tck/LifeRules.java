// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** LIFE: opening and closing. */
abstract class LifeRules extends Rules {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int STEPS_OF_A_LANGUAGE = 60;
    private static final int FAILED_OPENINGS = 20;
    private static final Path HANDLES = Path.of("/proc/self/fd");

    LifeRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.LIFE_1)
    void anEmptyDirectoryLoadsNothing() throws IOException {
        // checked at the first opening, in which the core initialises a storage, and at the second
        Twin twin = twin();
        Check.equal(0L, twin.storage().loaded().sequence(), "the sequence of an empty directory");
        Check.equal(Set.of(), twin.storage().loaded().groups().keySet(), "the groups of an empty directory");
        twin.reopen();
    }

    @Verifies(Rule.LIFE_2)
    void closingTwiceIsFine() throws IOException {
        Path directory = directory().resolve("twice");
        BareStorage storage = BareStorage.create(plug(), directory);
        storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 3, 1, 100)));
        storage.close();
        storage.close();
        try (BareStorage again = BareStorage.open(plug(), directory, storage.storageId(), 0, true)) {
            again.backend().close();
        }
    }

    @Verifies(value = Rule.LIFE_2, needs = Claim.PROCESS_CRASH)
    void aDirectoryOpensAgainAndAgain() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 10; i++) {
            twin.reopen();
            twin.append("g", 2, 1, 100);
            twin.reopen();
            twin.reopen();
        }
    }

    @Verifies(value = Rule.LIFE_2, needs = Claim.PROCESS_CRASH)
    void aDirectoryOpensWhereItWasMovedTo() throws IOException {
        Path here = directory().resolve("here");
        Path there = directory().resolve("there");
        BareStorage storage = BareStorage.create(plug(), here);
        for (int i = 0; i < 20; i++) {
            storage.saveEntries(i + 1, List.of(Twin.updateOf("g", 2L * i, 2, 1, 15_000)));
        }
        storage.reopen();
        Picture before = storage.picture();
        storage.close();
        Files.move(here, there);
        try (BareStorage moved = BareStorage.open(plug(), there, storage.storageId(), 20, true)) {
            Picture.Difference difference = before.differenceTo(moved.picture());
            Check.that(
                    difference == null,
                    () -> "after the directory was moved, " + (difference == null ? "" : difference.text()));
        }
    }

    @Verifies(Rule.LIFE_3)
    void closeWaitsForARunningRead() throws IOException, InterruptedException {
        BareStorage storage = BareStorage.create(plug(), directory().resolve("closing"));
        storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 20, 1, 5000)));
        int visited = HeldRead.outlastedBy("close", storage, 19, storage::close);
        Check.equal(20, visited, "the number of entries that the running read visited");
    }

    @Verifies(Rule.LIFE_3)
    void closeLeavesNoThreadBehind() throws IOException, InterruptedException {
        useAndClose(0); // starts what a library starts once for the whole process
        noThreadIsLeft("close", 3, this::useAndClose);
    }

    @Verifies(value = Rule.LIFE_3, needs = Claim.PROCESS_CRASH)
    void anOpeningThatFailsLeavesNothingBehind() throws IOException, InterruptedException {
        Path directory = directory().resolve("refused");
        BareStorage storage = BareStorage.create(plug(), directory);
        storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 3, 1, 100)));
        storage.close();
        isNotOpened(directory, UUID.randomUUID());
        noThreadIsLeft("an opening that fails", FAILED_OPENINGS, round -> isNotOpened(directory, UUID.randomUUID()));
        if (Files.isDirectory(HANDLES)) {
            List<String> left = openUnder(directory);
            Check.that(left.isEmpty(), () -> "open or mapped after openings that failed: " + left);
        }
        BareStorage.open(plug(), directory, storage.storageId(), 1, true).close();
    }

    private void isNotOpened(Path directory, UUID storageId) throws IOException {
        try (BareStorage opened = BareStorage.open(plug(), directory, storageId, 0, true)) {
            // that this is wrong another rule says
            throw new NotRun("files of another storage are opened, so that there is no opening that fails: "
                    + opened.loaded().groups().keySet());
        } catch (StorageException expected) {
            heard(expected);
        }
    }

    private interface Use {
        void run(int round) throws IOException;
    }

    /** What is left is left by each of them; a pool of the whole process, which may grow, is not. */
    private static void noThreadIsLeft(String after, int rounds, Use use) throws IOException, InterruptedException {
        Set<Thread> seen = new HashSet<>(Thread.getAllStackTraces().keySet());
        List<List<Thread>> fresh = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            use.run(round);
            List<Thread> ofThisRound = new ArrayList<>();
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (seen.add(thread) && !isOfTheJvm(thread)) {
                    ofThisRound.add(thread);
                }
            }
            fresh.add(ofThisRound);
        }
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        boolean each;
        do {
            fresh.forEach(threads -> threads.removeIf(thread -> !thread.isAlive()));
            each = fresh.stream().noneMatch(List::isEmpty);
        } while (each && System.nanoTime() - deadline < 0 && pause());
        Check.that(!each, () -> "each time, threads are left after " + after + ": " + fresh);
    }

    @Verifies(Rule.LIFE_3)
    void closeLeavesNoHandleAndNoMappingBehind() throws IOException, InterruptedException {
        if (!Files.isDirectory(HANDLES)) {
            throw new NotRun("open files can be listed under /proc on Linux only");
        }
        useAndClose(0);
        // before anything is collected: a channel that nobody has closed is closed then
        List<String> handles = handlesUnder(directory());
        Check.that(handles.isEmpty(), () -> "open after close: " + handles);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> left;
        do {
            // a mapping made by Java goes when it is collected
            System.gc();
            left = openUnder(directory());
        } while (!left.isEmpty() && System.nanoTime() < deadline && pause());
        List<String> found = left;
        Check.that(found.isEmpty(), () -> "open or mapped after close: " + found);
    }

    @Verifies(Rule.LIFE_4)
    void aSecondOpenFailsAtOnceAndHarmsNothing() throws IOException {
        try (WholeStorage first = WholeStorage.open(plug(), directory().resolve("locked"))) {
            RaftGroup group = first.storage().group("g");
            group.saveEntries(null, List.of(LogEntry.of(1, 0, new byte[] {1})));
            isLocked(directory().resolve("locked"), ProcessHandle.current().pid());
            group.saveEntries(null, List.of(LogEntry.of(2, 0, new byte[] {2})));
            isLocked(directory().resolve("locked"), ProcessHandle.current().pid());
            Check.equal(2L, group.lastIndex(), "lastIndex of the storage that was open first");
        }
        WholeStorage.open(plug(), directory().resolve("locked")).close();
    }

    @Verifies(value = Rule.LIFE_4, needs = Claim.PROCESS_CRASH)
    void theLockOfAnotherProcessEndsWithIt() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed(), CrashRules.KILL_STEPS);
        run.killWhileSavingAfter(3, pid -> isLocked(run.storage(), pid));
        run.recoverAndJudge();
    }

    @Verifies(value = Rule.LIFE_2, needs = Claim.PROCESS_CRASH)
    void aDirectoryOpensInAnotherProcess() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed() + 1, 12);
        run.runToItsEnd();
        run.recoverAndJudge();
    }

    @Verifies(value = Rule.LIFE_2, needs = Claim.PROCESS_CRASH)
    void aDirectoryOpensInAProcessOfAnotherLanguage() throws IOException, InterruptedException {
        for (String language : List.of("ar-EG", "tr-TR")) { // digits of its own, an i of its own
            String[] parts = language.split("-", -1);
            KillRun run = new KillRun(
                    plug(),
                    directory().resolve(language),
                    settings().seed() + 1,
                    STEPS_OF_A_LANGUAGE,
                    List.of("-Duser.language=" + parts[0], "-Duser.country=" + parts[1], "-Dfile.encoding=ISO-8859-1"));
            run.runTo(5 * CrashScript.EVERY + 1);
            run.recoverAndJudge();
            run.runToItsEnd();
            run.recoverAndJudge();
        }
    }

    private void isLocked(Path directory, long holder) throws IOException {
        try (WholeStorage second = WholeStorage.open(plug(), directory)) {
            throw Check.fail("a second open of " + directory + " succeeded: "
                    + second.storage().groups());
        } catch (StorageException.Locked expected) {
            heard(expected);
            String message = String.valueOf(expected.getMessage());
            Check.that(
                    message.contains(Long.toString(holder)),
                    () -> "a second open does not name the process " + holder + " that holds it: " + message);
        }
    }

    private void useAndClose(int round) throws IOException {
        try (BareStorage storage = BareStorage.create(plug(), directory().resolve("used-" + round))) {
            for (int i = 0; i < 20; i++) {
                storage.saveEntries(i + 1, List.of(Twin.updateOf("g", 2L * i, 2, 1, 20_000)));
            }
            storage.read("g", 0, 39);
            storage.saveSnapshot(21, new Update("g", null, List.of(), null, null), new SnapshotPointer(30, 1, true, 1));
            storage.releaseLock("g", 30);
            storage.saveEntries(22, List.of(Twin.updateOf("h", 1, 2, 1, 20_000)));
            storage.drop(23, "h");
            if (!plug().isVolatile()) {
                storage.reopen();
                storage.read("g", 31, 39);
            }
        }
    }

    private static List<String> handlesUnder(Path directory) throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> handles = Files.list(HANDLES)) {
            for (Path handle : (Iterable<Path>) handles::iterator) {
                try {
                    String target = Files.readSymbolicLink(handle).toString();
                    if (target.startsWith(directory.toString())) {
                        open.add(target);
                    }
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return open;
    }

    private static List<String> openUnder(Path directory) throws IOException {
        List<String> open = handlesUnder(directory);
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains(directory.toString())) {
                open.add("mapped: " + line.substring(line.indexOf(directory.toString())));
            }
        }
        return open;
    }

    /** By the names that the JVM gives: what is merely called a cleaner is somebody's. */
    static boolean isOfTheJvm(Thread thread) {
        String name = thread.getName().toLowerCase(Locale.ROOT);
        return name.startsWith("forkjoinpool.commonpool")
                || name.startsWith("junit")
                || name.startsWith("surefire")
                || name.startsWith("process reaper")
                || name.equals("common-cleaner")
                || name.matches("cleaner-[0-9]+")
                || name.equals("attach listener")
                || name.matches("(c1|c2|jvmci) ?compilerthread ?[0-9]+");
    }

    private static boolean pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(20);
        return true;
    }
}
