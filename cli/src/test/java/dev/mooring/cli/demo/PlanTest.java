// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {

    @Test
    void theSameSeedKillsAtTheSameLines() {
        assertThat(Plan.of(4711, 5_000)).isEqualTo(Plan.of(4711, 5_000));
    }

    @Test
    void differentSeedsKillAtDifferentLines() {
        List<Integer> kills = IntStream.range(0, 50)
                .map(seed -> Plan.of(seed, 5_000).killLeader())
                .distinct()
                .boxed()
                .toList();
        assertThat(kills).hasSizeGreaterThan(25);
    }

    /** So that each step happens under load: nothing that it waits for lies beyond the line at which the load is held. */
    @ParameterizedTest
    @ValueSource(ints = {Text.MIN_LINES, 101, 137, 1_000, 5_153, Text.MAX_LINES})
    void theStepsFollowEachOtherWithRoomForLinesInFlight(int lines) {
        for (int seed = 0; seed < 500; seed++) {
            Plan plan = Plan.of(seed, lines);
            assertThat(List.of(
                            plan.killLeader(),
                            plan.restartLeader(),
                            plan.holdForLog(),
                            plan.killFollower(),
                            plan.release(),
                            plan.holdForSnapshot(),
                            plan.killAll(),
                            lines))
                    .as(plan.toString())
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .first()
                    .satisfies(first -> assertThat(first).isPositive());
            // A line is in flight at each kill only if more than those before it may be sent.
            assertThat(plan.outstanding()).isBetween(2, 128);
            assertThat(plan.killLeader() + plan.outstanding()).isLessThan(plan.holdForLog());
            assertThat(plan.killFollower() + plan.outstanding()).isLessThan(plan.holdForSnapshot());
            assertThat(plan.killAll() + plan.outstanding()).isLessThanOrEqualTo(lines);
            assertThat(plan.followerChoice()).isBetween(0, 1);
        }
    }
}
