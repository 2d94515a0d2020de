// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OracleTest {

    private static final List<Step> SCRIPT = Script.generate(11, 60, Script.shape(400));

    @Test
    void everyStateOfTheScriptIsAllowedAtItsOwnCallOnly() {
        Oracle oracle = new Oracle(SCRIPT);
        for (int calls = 0; calls <= SCRIPT.size(); calls++) {
            Picture found = oracle.modelAfter(calls).picture();
            assertThat(oracle.judge(found, calls, calls).calls()).hasValue(calls);
            if (calls < SCRIPT.size()) {
                assertThat(oracle.judge(found, calls, calls + 1).calls()).hasValue(calls);
            }
        }
    }

    @Test
    void anOlderStateThanWasAcknowledgedIsNotAllowed() {
        Oracle oracle = new Oracle(SCRIPT);
        int changed = 0;
        for (int calls = 1; calls <= SCRIPT.size(); calls++) {
            Model before = oracle.modelAfter(calls - 1);
            if (before.sequence() != oracle.modelAfter(calls).sequence()) {
                changed++;
                Oracle.Verdict verdict = oracle.judge(before.picture(), calls, calls);
                assertThat(verdict.calls()).isEmpty();
                assertThat(verdict.text()).contains("after call " + calls).contains("instead of");
            }
        }
        assertThat(changed).isGreaterThan(30);
    }

    @Test
    void aReleaseMayComeUndone() {
        Step save = new Step.Save(List.of(new Step.Part("bb", 0, 8, 20, 1, null, 0, 0)));
        List<Step> script =
                List.of(save, new Step.Snapshot("bb", Step.Where.INSIDE, 2, 0), new Step.Release("bb", 0), save);
        Oracle oracle = new Oracle(script);
        Model undone = oracle.modelAfter(4);
        assertThat(undone.state("bb").firstIndex()).isEqualTo(6);
        undone.undoRelease("bb", 3);
        assertThat(undone.state("bb").firstIndex()).isEqualTo(3);
        assertThat(oracle.judge(undone.picture(), 4, 4).calls()).hasValue(4);
    }

    @Test
    void scriptsReachEveryKindOfCall() {
        Set<Class<?>> kinds = new HashSet<>();
        List<Call> calls = new ArrayList<>();
        for (long seed = 0; seed < 5; seed++) {
            Model model = new Model();
            for (Step step : Script.generate(seed, 100, Script.shape(400))) {
                Call call = Rebase.resolve(step, model);
                if (call != null) {
                    call.on(model);
                    calls.add(call);
                    kinds.add(call.getClass());
                }
            }
        }
        assertThat(kinds).containsExactlyInAnyOrder(Call.class.getPermittedSubclasses());
        assertThat(calls)
                .anySatisfy(call -> assertThat(call)
                        .isInstanceOfSatisfying(
                                Call.Save.class,
                                save -> assertThat(save.updates())
                                        .anySatisfy(update -> assertThat(update.truncateFrom())
                                                .isNotNull())));
    }

    @Test
    void theSameSeedGivesTheSameScript() {
        assertThat(Script.generate(11, 60, Script.shape(400))).isEqualTo(SCRIPT);
        assertThat(Script.generate(12, 60, Script.shape(400))).isNotEqualTo(SCRIPT);
    }

    @Test
    void aListIsShrunkToWhatFails() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            numbers.add(i);
        }
        List<Integer> shortest = Shrinker.shrink(
                numbers, list -> list.contains(17) && list.contains(41), System.nanoTime() + 10_000_000_000L);
        assertThat(shortest).containsExactly(17, 41);
    }

    @Test
    void payloadsAreNeverAllZero() {
        for (int seed = 0; seed < 1000; seed++) {
            byte[] bytes = Payloads.bytes(seed, 1 + seed % 50);
            assertThat(bytes[0]).isNotZero();
            assertThat(bytes).isEqualTo(Payloads.bytes(seed, 1 + seed % 50));
        }
    }
}
