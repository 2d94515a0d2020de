// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets power fail at every position of a recording, in many ways, and has each image that may be left checked. Immutable;
 * the same settings explore the same states, whatever the number of threads.
 */
public final class CrashExplorer {

    private static final int MAX_VIOLATIONS = 50;
    private static final int EVENTS_TOLD = 12;
    private static final int[] PASSES = {0, 4, 2, 6, 1, 5, 3, 7};

    private final Recording recording;
    private final Settings settings;

    private static final class Settings {
        int statesPerPosition = 24;
        int threads = 1;
        long seed;
        int from;
        long maxStates = Long.MAX_VALUE;
        long maxNanos = Long.MAX_VALUE;
        boolean kills;

        Settings copy() {
            Settings copy = new Settings();
            copy.statesPerPosition = statesPerPosition;
            copy.threads = threads;
            copy.seed = seed;
            copy.from = from;
            copy.maxStates = maxStates;
            copy.maxNanos = maxNanos;
            copy.kills = kills;
            return copy;
        }
    }

    private CrashExplorer(Recording recording, Settings settings) {
        this.recording = recording;
        this.settings = settings;
    }

    /**
     * Explores from the mount on, with 24 states at each position, on the caller's thread, without a limit.
     *
     * @param recording of the run that is cut short
     * @return an exploration that has not begun
     */
    public static CrashExplorer of(Recording recording) {
        Settings settings = new Settings();
        settings.seed = recording.seed();
        settings.from = recording.begin();
        return new CrashExplorer(recording, settings);
    }

    private CrashExplorer with(Consumer<Settings> change) {
        Settings changed = settings.copy();
        change.accept(changed);
        return new CrashExplorer(recording, changed);
    }

    /**
     * With at most this many states at each position, from 2.
     *
     * @param count at least 2
     * @return this one
     */
    public CrashExplorer statesPerPosition(int count) {
        return with(changed -> changed.statesPerPosition = count);
    }

    /**
     * With this many threads; 1 is the caller's.
     *
     * @param count at least 1
     * @return this one
     */
    public CrashExplorer threads(int count) {
        return with(changed -> changed.threads = count);
    }

    /**
     * With other random choices.
     *
     * @param seed of the choices where there are more states than are looked at
     * @return this one
     */
    public CrashExplorer seed(long seed) {
        return with(changed -> changed.seed = seed);
    }

    /**
     * From this position on only.
     *
     * @param position number of an event of the recording
     * @return this one
     */
    public CrashExplorer from(int position) {
        return with(changed -> changed.from = position);
    }

    /**
     * Ends after this many states or nanoseconds, whichever comes first.
     *
     * @param states the most states to look at
     * @param nanos the longest time to spend
     * @return this one
     */
    public CrashExplorer budget(long states, long nanos) {
        return with(changed -> {
            changed.maxStates = states;
            changed.maxNanos = nanos;
        });
    }

    /**
     * Lets the process die instead of power fail: one state at each position, as {@link #kill} makes it. The check may
     * then explore what it recorded, for power cuts that hit what the dead process left in the page cache.
     *
     * @return this one
     */
    public CrashExplorer kills() {
        return with(changed -> changed.kills = true);
    }

    /**
     * {@return the disk that a crash leaves}
     *
     * @param state one that a check was given
     */
    public SimulatedDisk image(CrashState state) {
        Replay replay = new Replay(recording);
        replay.advance(state.position());
        return mount(replay.image(state.kept()));
    }

    private SimulatedDisk mount(DiskImage image) {
        return SimulatedDisk.mount(image, recording.seed() + 1, recording.model());
    }

    /**
     * {@return the disk as the next process finds it if only the process dies, just before the event of this number:
     * everything written is there to be read, and what was not forced is still at risk}
     *
     * @param position number of an event of the recording
     */
    public SimulatedDisk kill(int position) {
        Replay replay = new Replay(recording);
        replay.advance(position);
        return resume(position, replay.image(replay.everything()));
    }

    private SimulatedDisk resume(int position, DiskImage visible) {
        return SimulatedDisk.resume(
                recording.mounted(),
                visible,
                recording.events().subList(0, position),
                recording.model(),
                recording.seed() + 1);
    }

    /**
     * Explores.
     *
     * @param check judges what is recovered from each state
     * @return how many states there were, and the first that failed
     */
    public CrashSummary explore(CrashCheck check) {
        return new Run(check).run();
    }

    /** One exploration in progress. */
    private final class Run {

        private final CrashCheck check;
        private final long begin = System.nanoTime();
        private final int[] order = spread(settings.from, recording.length());
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger positions = new AtomicInteger();
        private final AtomicLong states = new AtomicLong();
        private final AtomicLong broken = new AtomicLong();
        private final Map<Long, FutureTask<CrashCheck.Judgement>> opened = new ConcurrentHashMap<>();
        private final List<Broken> violations = Collections.synchronizedList(new ArrayList<>());

        private record Broken(CrashState state, int lost, Throwable cause) {}

        Run(CrashCheck check) {
            this.check = check;
        }

        CrashSummary run() {
            List<Thread> helpers = new ArrayList<>();
            for (int i = 1; i < settings.threads; i++) {
                Thread helper = new Thread(this::work, "crash-explorer-" + i);
                helper.start();
                helpers.add(helper);
            }
            work();
            for (Thread helper : helpers) {
                join(helper);
            }
            List<Broken> sorted = new ArrayList<>(violations);
            sorted.sort(Comparator.comparingInt(Broken::lost)
                    .thenComparing(each -> each.state().position())
                    .thenComparing(each -> each.state().choice()));
            List<Violation> described = new ArrayList<>();
            for (Broken each : sorted) {
                described.add(describe(described.isEmpty() && !settings.kills ? smaller(each) : each));
            }
            return new CrashSummary(
                    positions.get(),
                    states.get(),
                    opened.size(),
                    System.nanoTime() - begin,
                    broken.get(),
                    List.copyOf(described));
        }

        private static void join(Thread helper) {
            boolean interrupted = false;
            while (helper.isAlive()) {
                try {
                    helper.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private void work() {
            Replay replay = new Replay(recording);
            for (int visit = next.getAndIncrement();
                    visit < order.length && !isSpent();
                    visit = next.getAndIncrement()) {
                int position = order[visit];
                if (position < recording.length() && isNote(recording.events().get(position))) {
                    continue; // nothing happens between here and the next position but words
                }
                if (position < replay.position()) {
                    replay = new Replay(recording);
                }
                replay.advance(position);
                positions.incrementAndGet();
                for (int[] kept : choices(replay)) {
                    if (isSpent()) {
                        return;
                    }
                    states.incrementAndGet();
                    judge(CrashState.of(replay, kept), replay.image(kept), replay.pending(), kept);
                }
            }
        }

        /** All positions in a few passes, so that a budget that does not suffice is spent on the whole recording. */
        private static int[] spread(int first, int last) {
            int[] order = new int[Math.max(0, last - first + 1)];
            int count = 0;
            for (int pass : PASSES) {
                for (int position = first + pass; position <= last; position += PASSES.length) {
                    order[count++] = position;
                }
            }
            return order;
        }

        private List<int[]> choices(Replay replay) {
            if (settings.kills) {
                return List.of(replay.everything());
            }
            long seed = Hash.mix(settings.seed + replay.position());
            return Choices.of(replay.pending(), recording.model(), settings.statesPerPosition, seed);
        }

        private static boolean isNote(DiskEvent event) {
            return event instanceof DiskEvent.Started
                    || event instanceof DiskEvent.Acknowledged
                    || event instanceof DiskEvent.Marked;
        }

        private boolean isSpent() {
            return states.get() >= settings.maxStates || System.nanoTime() - begin >= settings.maxNanos;
        }

        private void judge(CrashState state, DiskImage image, List<Change> pending, int[] kept) {
            Throwable failure = failure(image, state);
            if (failure != null) {
                broken.incrementAndGet();
                if (violations.size() < MAX_VIOLATIONS) {
                    int lost = 0;
                    for (int i = 0; i < kept.length; i++) {
                        lost += Integer.bitCount(pending.get(i).parts() & ~kept[i]);
                    }
                    violations.add(new Broken(state, lost, failure));
                }
            }
        }

        // FutureTask, so that of two threads that come to the same image one opens it and the other waits
        private @Nullable Throwable failure(DiskImage image, CrashState state) {
            FutureTask<CrashCheck.Judgement> mine = new FutureTask<>(
                    () -> check.recover(settings.kills ? resume(state.position(), image) : mount(image)));
            // what looks the same to the next process may be pending in another way
            long key = settings.kills ? state.position() : image.contentHash();
            FutureTask<CrashCheck.Judgement> task = opened.putIfAbsent(key, mine);
            if (task == null) {
                task = mine;
                task.run();
            }
            try {
                task.get().judge(state.acked(), state.started());
                return null;
            } catch (ExecutionException e) {
                return e.getCause();
            } catch (Exception | AssertionError e) {
                return e;
            }
        }

        /** Brings back one loss after the other for as long as the check still fails. */
        private Broken smaller(Broken found) {
            Replay replay = new Replay(recording);
            replay.advance(found.state().position());
            Survival survival = new Survival(replay.pending(), recording.model());
            Broken best = found;
            for (int i = 0; i < found.state().kept().length; i++) {
                int[] kept = best.state().kept();
                int parts = replay.pending().get(i).parts();
                if (kept[i] == parts) {
                    continue;
                }
                kept[i] = parts;
                survival.trim(kept);
                CrashState state = CrashState.of(replay, kept);
                Throwable failure = failure(replay.image(kept), state);
                if (kept[i] == parts && failure != null) {
                    best = new Broken(state, best.lost() - 1, failure);
                }
            }
            return best;
        }

        private List<String> before(int position) {
            List<String> events = new ArrayList<>();
            for (int i = Math.max(0, position - EVENTS_TOLD); i < position; i++) {
                events.add(i + " " + recording.events().get(i));
            }
            return events;
        }

        private Violation describe(Broken each) {
            int position = each.state().position();
            String event = position < recording.length()
                    ? recording.events().get(position).toString()
                    : "the end";
            return new Violation(
                    recording.model(),
                    recording.seed(),
                    each.state(),
                    before(position),
                    event,
                    each.state().lost(recording),
                    each.cause());
        }
    }
}
