// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.util.Random;

/**
 * The moments of the kills and of what follows them, as numbers of acknowledged lines. The same seed and the same text
 * give the same plan.
 *
 * @param killLeader the leader is killed when so many lines are acknowledged
 * @param restartLeader it is started again
 * @param holdForLog the load waits here until it has caught up, so that all of that happens under load
 * @param killFollower a follower is killed
 * @param followerChoice which of the two followers
 * @param release the other servers take a snapshot and release the log behind it; then the dead one is started again
 * @param holdForSnapshot the load waits here until it has caught up
 * @param killAll all three are killed at once
 * @param outstanding how many lines are sent before the first of them is acknowledged
 */
record Plan(
        int killLeader,
        int restartLeader,
        int holdForLog,
        int killFollower,
        int followerChoice,
        int release,
        int holdForSnapshot,
        int killAll,
        int outstanding) {

    private static final int MAX_OUTSTANDING = 128;
    private static final int PERCENT = 100;

    static Plan of(long seed, int lines) {
        Random random = new Random(seed);
        return new Plan(
                between(random, lines, 8, 20),
                between(random, lines, 26, 32),
                (int) (lines * 40L / PERCENT),
                between(random, lines, 45, 55),
                random.nextInt(2),
                between(random, lines, 62, 66),
                (int) (lines * 75L / PERCENT),
                between(random, lines, 80, 94),
                // Small enough that lines are in flight at every kill and none of them is beyond the next hold.
                Math.max(2, Math.min(MAX_OUTSTANDING, lines * 4 / PERCENT)));
    }

    private static int between(Random random, int lines, int fromPercent, int toPercent) {
        long from = (long) lines * fromPercent / PERCENT;
        long to = (long) lines * toPercent / PERCENT;
        return (int) (from + random.nextLong(to - from + 1));
    }
}
