// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The ways of losing power at one position: everything survives, only what was forced, a prefix, all but one, only one,
 * torn pages, and random subsets of changes and of sectors; all subsets where there are few. Different ones only, as the
 * model allows them.
 */
final class Choices {

    private static final int EXHAUSTIVE_CHANGES = 4;

    private final List<Change> pending;
    private final Survival survival;
    private final SplittableRandom random;
    private final Set<String> seen = new HashSet<>();
    private final List<int[]> found = new ArrayList<>();
    private final int most;

    private Choices(List<Change> pending, DiskModel model, int most, long seed) {
        this.pending = pending;
        this.survival = new Survival(pending, model);
        this.most = most;
        this.random = new SplittableRandom(seed);
    }

    /** At most {@code most} choices, from 2 up, the same for the same seed. */
    static List<int[]> of(List<Change> pending, DiskModel model, int most, long seed) {
        Choices choices = new Choices(pending, model, most, seed);
        choices.find();
        return choices.found;
    }

    private void find() {
        int count = pending.size();
        add(all());
        add(new int[count]);
        if (count <= EXHAUSTIVE_CHANGES) {
            subsets();
        } else {
            for (int budget = most / 3; budget > 0 && !isFull(); budget--) {
                add(allBut(count - 1 - random.nextInt(Math.min(count, 8))));
                addWithEarlier(only(random.nextInt(count)));
                add(prefix(1 + random.nextInt(count - 1)));
            }
        }
        for (int tries = 0; tries < most && !isFull(); tries++) {
            switch (tries % 4) {
                case 0 -> torn();
                case 1 -> sectors();
                case 2 -> add(randomSubset());
                default -> addWithEarlier(randomSubset());
            }
        }
    }

    private boolean isFull() {
        return found.size() >= most;
    }

    private void add(int[] kept) {
        if (isFull()) {
            return;
        }
        survival.trim(kept);
        if (seen.add(Arrays.toString(kept))) {
            found.add(kept);
        }
    }

    private void addWithEarlier(int[] kept) {
        survival.addEarlier(kept);
        add(kept);
    }

    private int[] all() {
        return prefix(pending.size());
    }

    private int[] prefix(int length) {
        int[] kept = new int[pending.size()];
        for (int i = 0; i < length; i++) {
            kept[i] = pending.get(i).parts();
        }
        return kept;
    }

    private int[] allBut(int lost) {
        int[] kept = all();
        kept[lost] = 0;
        return kept;
    }

    private int[] only(int survivor) {
        int[] kept = new int[pending.size()];
        kept[survivor] = pending.get(survivor).parts();
        return kept;
    }

    private void subsets() {
        for (int subset = 1; subset < 1 << pending.size(); subset++) {
            int[] kept = new int[pending.size()];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = (subset & 1 << i) == 0 ? 0 : pending.get(i).parts();
            }
            addWithEarlier(kept);
        }
    }

    private int[] randomSubset() {
        int[] kept = new int[pending.size()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = random.nextBoolean() ? pending.get(i).parts() : 0;
        }
        return kept;
    }

    /** Everything survives but some sectors of one write, most often of the last. */
    private void torn() {
        int[] kept = all();
        int latest = -1;
        for (int i = 0; i < kept.length; i++) {
            if (pending.get(i) instanceof Change.OfPage && (latest < 0 || random.nextInt(3) != 0)) {
                latest = i;
            }
        }
        if (latest < 0) {
            return;
        }
        int parts = kept[latest];
        kept[latest] = switch (random.nextInt(4)) {
            case 0 -> Integer.lowestOneBit(parts);
            case 1 -> parts & ~Integer.lowestOneBit(parts);
            case 2 -> parts & ~Integer.highestOneBit(parts);
            default -> parts & random.nextInt(Change.ALL_SECTORS + 1);
        };
        add(kept);
    }

    /** Each sector of each write on its own; the rest survives. */
    private void sectors() {
        int[] kept = all();
        for (int i = 0; i < kept.length; i++) {
            if (pending.get(i) instanceof Change.OfPage) {
                kept[i] &= random.nextInt(Change.ALL_SECTORS + 1);
            }
        }
        addWithEarlier(kept);
    }
}
