// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** LIFE: opening and closing. */
abstract class LifeRules extends Rules {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int STEPS_OF_A_LANGUAGE = 60;

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
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        for (int round = 1; round <= 3; round++) {
            useAndClose(round);
        }
        List<String> left = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        do {
            left.clear();
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (!before.contains(thread) && !isOfTheJvm(thread)) {
                    left.add(thread.getName());
                }
            }
        } while (!left.isEmpty() && System.nanoTime() < deadline && pause());
        Check.that(left.isEmpty(), () -> "threads are left after close: " + left);
    }

    @Verifies(Rule.LIFE_3)
    void closeLeavesNoHandleAndNoMappingBehind() throws IOException, InterruptedException {
        if (!Files.isDirectory(Path.of("/proc/self/fd"))) {
            throw new NotRun("open files can be listed under /proc on Linux only");
        }
        useAndClose(0);
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
        KillRun run = new KillRun(plug(), directory(), settings().seed(), 100);
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
            if (!plug().isVolatile()) {
                storage.reopen();
                storage.read("g", 0, 39);
            }
        }
    }

    private static List<String> openUnder(Path directory) throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
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
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains(directory.toString())) {
                open.add("mapped: " + line.substring(line.indexOf(directory.toString())));
            }
        }
        return open;
    }

    static boolean isOfTheJvm(Thread thread) {
        String name = thread.getName().toLowerCase(Locale.ROOT);
        return name.startsWith("forkjoinpool.commonpool")
                || name.startsWith("junit")
                || name.startsWith("surefire")
                || name.startsWith("process reaper")
                || name.contains("cleaner")
                || name.startsWith("attach listener")
                || name.contains("compiler");
    }

    private static boolean pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(20);
        return true;
    }
}
