// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static dev.mooring.cli.terminal.Screen.count;
import static dev.mooring.cli.terminal.Screen.seconds;
import static dev.mooring.cli.terminal.Screen.size;

import dev.mooring.cli.demo.Loader.Acknowledgement;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.ratis.client.RaftClient;

/**
 * The steps of the demonstration. Each checks that it happened as told, by asking the servers, and says what was seen;
 * one that did not is a {@link DemoFailure}.
 */
final class Story {

    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);
    private static final Duration LOAD_LIMIT = Duration.ofHours(1); // a stalled load is noticed by the loader
    private static final String INDENT = "     ";

    private final Screen screen;
    private final Text text;
    private final DataDirectory data;
    private final Demo.Choices choices;
    private final Cluster.Closer closer;
    private final Plan plan;
    private final Summary summary = new Summary();

    Story(Screen screen, Text text, DataDirectory data, Demo.Choices choices, Cluster.Closer closer) {
        this.screen = screen;
        this.text = text;
        this.data = data;
        this.choices = choices;
        this.closer = closer;
        this.plan = Plan.of(choices.seed(), text.lastLine());
    }

    /** Whether nothing that was acknowledged is missing. */
    boolean tell() throws IOException, InterruptedException {
        introduce();
        heading(1, "Three servers start");
        Cluster cluster = start();
        try (RaftClient client = Client.connect(cluster.members(), cluster.awaitLeader(), plan.outstanding())) {
            BitSet acknowledged = load(cluster, client);
            heading(7, "All three are read and compared with the text and with each other, entry by entry");
            compare(cluster, client, acknowledged);
        }
        cluster.stop();
        for (String id : Members.IDS) {
            summary.onDisk(id, data.bytes(id));
        }
        return summary.print(screen, text);
    }

    private void introduce() {
        screen.heading("Mooring demo: a replicated key-value store on three Raft servers, storage on '"
                + choices.backend() + "'");
        screen.line("");
        screen.line("   text  " + text.name());
        screen.line("         " + count(text.lastLine()) + " lines, " + size(text.totalBytes())
                + "; the number of a line is its key");
        screen.line("   seed  " + choices.seed() + "; --seed " + choices.seed() + " kills at the same lines again");
        screen.line("   data  " + data.path()
                + (data.isTemporary() ? ", removed at the end; --data DIR keeps it" : ", kept"));
        screen.line("");
    }

    private Cluster start() throws IOException, InterruptedException {
        long start = System.nanoTime();
        Cluster cluster = Cluster.start(data, choices.backend(), new Random(), closer);
        String leader = cluster.awaitLeader();
        for (String id : Members.IDS) {
            fact(id + " is process " + cluster.pid(id) + " on "
                    + cluster.members().address(id));
        }
        fact(leader + " leads, " + seconds(System.nanoTime() - start) + " after the start");
        return cluster;
    }

    /** Loads the text, with all that happens meanwhile. Answers the numbers of the lines that were acknowledged. */
    private BitSet load(Cluster cluster, RaftClient client) throws IOException, InterruptedException {
        try (ProgressDisplay progress = screen.progress("   loading", "lines", text.lastLine());
                Loader loader = new Loader(text, client, plan.outstanding(), progress)) {
            UnderLoad steps = new UnderLoad(cluster, client, loader);
            summary.loadStarted();
            heading(2, "The text is loaded line by line; the leader is killed on the way");
            String dead = steps.killLeader();
            heading(3, "It is started again and catches up from the log");
            steps.catchUpFromLog(dead);
            heading(4, "A follower is killed, and the others release the log behind a snapshot");
            dead = steps.killFollower();
            long deadHasAtMost = steps.releaseLog(dead);
            heading(5, "It is started again and catches up through the snapshot");
            steps.catchUpThroughSnapshot(dead, deadHasAtMost);
            heading(6, "All three are killed at once and started again");
            steps.killAll();
            steps.finishLoad();
            return loader.acknowledgedLines();
        }
    }

    private void compare(Cluster cluster, RaftClient client, BitSet acknowledged)
            throws IOException, InterruptedException {
        long last = 0;
        for (String id : Members.IDS) {
            last = Math.max(last, cluster.status(id).commitIndex());
        }
        Map<String, SortedMap<Integer, byte[]>> contents = new TreeMap<>();
        for (String id : Members.IDS) {
            cluster.awaitApplied(id, last);
            SortedMap<Integer, byte[]> pairs = Client.readAll(client, id, last);
            contents.put(id, pairs);
            summary.found(id, Comparison.of(text, acknowledged, pairs));
        }
        SortedMap<Integer, byte[]> first = contents.values().iterator().next();
        summary.sameEverywhere(contents.values().stream().allMatch(pairs -> Comparison.same(first, pairs)));
    }

    private void heading(int number, String title) {
        screen.heading("  " + number + ". " + title);
    }

    private void fact(String text) {
        screen.line(INDENT + text);
    }

    /** The steps under load. */
    private final class UnderLoad {

        private final Cluster cluster;
        private final RaftClient client;
        private final Loader loader;

        UnderLoad(Cluster cluster, RaftClient client, Loader loader) {
            this.cluster = cluster;
            this.client = client;
            this.loader = loader;
        }

        String killLeader() throws InterruptedException {
            Future<Acknowledgement> kill = loader.first(a -> a.acknowledged() >= plan.killLeader())
                    .thenApply(a -> {
                        cluster.kill(a.server());
                        return a;
                    });
            loader.start(plan.holdForLog());
            Acknowledgement at = await(kill, "the load to come to the kill of the leader");
            Future<Acknowledgement> next = loader.first(a -> !a.server().equals(at.server()));
            summary.undisturbed(at);
            cluster.awaitEnd(at.server());
            fact(at.server() + ", the leader, was sent SIGKILL " + moment(at));
            Acknowledgement first = await(next, "a line acknowledged by another leader");
            summary.recovered("a new leader, after the leader was killed", first.nanos() - at.nanos());
            fact(first.server() + " leads now, in term "
                    + cluster.status(first.server()).term() + "; the next line was acknowledged "
                    + seconds(first.nanos() - at.nanos()) + " after the kill");
            awaitLoad(plan.restartLeader());
            return at.server();
        }

        void catchUpFromLog(String dead) throws IOException, InterruptedException {
            long start = System.nanoTime();
            int linesBefore = loader.acknowledged();
            restart(dead);
            Status after = awaitCaughtUp(dead, start, "from the log, after the leader was killed");
            if (after.installed() >= 0) {
                throw new DemoFailure(dead + " was sent a snapshot up to entry " + after.installed()
                        + ", but should have caught up from the log");
            }
            for (String id : Members.IDS) {
                long firstIndex = cluster.status(id).firstIndex();
                if (firstIndex > 1) {
                    throw new DemoFailure("The log of " + id + " begins at entry " + firstIndex
                            + " though nobody has released anything yet");
                }
            }
            fact(dead + " has entry " + count(after.appliedIndex()) + ", " + seconds(System.nanoTime() - start)
                    + " after its start: " + count(after.applied())
                    + " lines from the log, no snapshot; meanwhile " + count(loader.acknowledged() - linesBefore)
                    + " lines were acknowledged");
        }

        String killFollower() throws InterruptedException {
            loader.holdAt(plan.holdForSnapshot());
            Future<Killed> kill = loader.first(a -> a.acknowledged() >= plan.killFollower())
                    .thenApply(a -> {
                        List<String> followers = new ArrayList<>(Members.IDS);
                        followers.remove(a.server());
                        String follower = followers.get(plan.followerChoice());
                        cluster.kill(follower);
                        return new Killed(follower, a);
                    });
            Killed killed = await(kill, "the load to come to the kill of a follower");
            cluster.awaitEnd(killed.id());
            fact(killed.id() + ", a follower, was sent SIGKILL " + moment(killed.at()));
            return killed.id();
        }

        /** Answers the last entry that the dead server can have. */
        long releaseLog(String dead) throws IOException, InterruptedException {
            long deadHasAtMost = lastIndexOfOthers(dead);
            awaitLoad(plan.release());
            for (String id : Members.IDS) {
                if (id.equals(dead)) {
                    continue;
                }
                long snapshot = Client.takeSnapshot(client, id);
                Status released = Await.answer(
                        id + " to release its log up to entry " + snapshot,
                        CATCH_UP_LIMIT,
                        () -> Optional.of(cluster.status(id))
                                .filter(status -> status.firstIndex() > deadHasAtMost + 1));
                fact(id + " took a snapshot up to entry " + count(snapshot) + ", its log now begins at "
                        + count(released.firstIndex()) + "; " + dead + " has at most entry " + count(deadHasAtMost));
            }
            return deadHasAtMost;
        }

        void catchUpThroughSnapshot(String dead, long deadHasAtMost) throws IOException, InterruptedException {
            long start = System.nanoTime();
            restart(dead);
            Status after = awaitCaughtUp(dead, start, "through a snapshot, after a follower was killed");
            if (after.installed() <= deadHasAtMost) {
                throw new DemoFailure(dead + " has entry " + after.appliedIndex()
                        + " without having been sent the snapshot, though nobody had the entries that it missed");
            }
            fact(dead + " was sent the snapshot up to entry " + count(after.installed()) + ", and has entry "
                    + count(after.appliedIndex()) + ", " + seconds(System.nanoTime() - start) + " after its start");
        }

        void killAll() throws IOException, InterruptedException {
            Future<Acknowledgement> kill = loader.first(a -> a.acknowledged() >= plan.killAll())
                    .thenApply(a -> {
                        cluster.killAll();
                        return a;
                    });
            loader.holdAt(text.lastLine());
            Acknowledgement at = await(kill, "the load to come to the kill of all");
            for (String id : Members.IDS) {
                cluster.awaitEnd(id);
            }
            fact("all three were sent SIGKILL " + moment(at));
            long start = System.nanoTime();
            Future<Acknowledgement> next = loader.first(a -> a.nanos() > start);
            for (String id : Members.IDS) {
                cluster.launch(id);
            }
            for (String id : Members.IDS) {
                cluster.awaitReady(id);
            }
            Acknowledgement first = await(next, "a line acknowledged after the restart of all");
            summary.recovered("all three, killed at once", first.nanos() - start);
            fact("started again: the next line was acknowledged " + seconds(first.nanos() - start)
                    + " later, by " + first.server() + " in term "
                    + cluster.status(first.server()).term());
        }

        void finishLoad() throws InterruptedException {
            awaitLoad(text.lastLine());
            summary.loaded(loader.acknowledged());
        }

        /** The dead server's log ends at most where the logs of the others end now. */
        private long lastIndexOfOthers(String dead) throws InterruptedException {
            long lastIndex = -1;
            for (String id : Members.IDS) {
                if (!id.equals(dead)) {
                    lastIndex = Math.max(lastIndex, cluster.status(id).lastIndex());
                }
            }
            return lastIndex;
        }

        private void restart(String id) throws IOException, InterruptedException {
            cluster.launch(id);
            cluster.awaitReady(id);
        }

        /** Waits until a server has all that was committed when it began to serve. */
        private Status awaitCaughtUp(String id, long start, String how) throws InterruptedException {
            long committed = cluster.status(cluster.awaitLeader()).commitIndex();
            Status status = cluster.awaitApplied(id, committed);
            summary.recovered(how, System.nanoTime() - start);
            return status;
        }

        private void awaitLoad(int lines) throws InterruptedException {
            Await.answer("line " + lines, LOAD_LIMIT, () -> {
                check();
                return loader.acknowledged() >= lines ? Optional.of(lines) : Optional.empty();
            });
        }

        private <T> T await(Future<T> future, String what) throws InterruptedException {
            return Await.answer(what, LOAD_LIMIT, () -> {
                check();
                return future.isDone() ? Optional.of(Await.done(future)) : Optional.empty();
            });
        }

        private void check() {
            cluster.checkAlive();
            loader.check();
        }

        private String moment(Acknowledgement at) {
            if (at.inFlight() == 0) {
                throw new DemoFailure("No line was in flight at the kill at line " + at.acknowledged());
            }
            return "when " + count(at.acknowledged()) + " lines were acknowledged and " + count(at.inFlight())
                    + " in flight";
        }
    }

    private record Killed(String id, Acknowledgement at) {}
}
