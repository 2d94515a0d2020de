// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** MODEL: random scripts, on the backend and on the reference model side by side. */
abstract class ModelRules extends Rules {

    private static final int SCRIPTS = 16;
    private static final int STEPS = 80;
    private static final int STEPS_BETWEEN_DEATHS = 12;

    ModelRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.MODEL_1)
    void scriptsOfSmallPayloadsGiveWhatTheModelGives() {
        scripts(400, 0, this::run);
    }

    @Verifies(Rule.MODEL_1)
    void scriptsOfLargePayloadsGiveWhatTheModelGives() {
        scripts(100_000, 1_000_000, this::run);
    }

    @Verifies(value = Rule.MODEL_1, needs = Claim.PROCESS_CRASH)
    void scriptsWithDeathsOfTheProcessGiveWhatTheModelGives() {
        scripts(5_000, 3_000_000, this::runWithDeaths);
    }

    private void scripts(int largestPayloadBytes, long offset, ScriptFailures.Run run) {
        Script.Shape shape = Script.shape(largestPayloadBytes);
        for (int i = 0; i < settings().effort().cases(SCRIPTS); i++) {
            long seed = settings().seed() + offset + i;
            ScriptFailures.shrunk(seed, Script.generate(seed, STEPS, shape), directory(), run);
        }
    }

    private void run(List<Step> script, Path directory) throws IOException {
        try (Twin twin = Twin.create(plug(), directory, this::heard)) {
            int made = 0;
            for (Step step : script) {
                make(step, twin);
                if (++made % 10 == 0) {
                    twin.checkReads();
                }
            }
            twin.checkReads();
            twin.reopen();
        }
    }

    private void runWithDeaths(List<Step> script, Path directory) throws IOException {
        try (Twin twin = Twin.create(plug(), directory, this::heard)) {
            int made = 0;
            for (Step step : script) {
                make(step, twin);
                if (++made % STEPS_BETWEEN_DEATHS == 0) {
                    twin.crash(made % 2 == 0 ? 0 : twin.model().sequence());
                }
            }
            twin.crash();
        }
    }

    private static void make(Step step, Twin twin) throws IOException {
        Call call = Rebase.resolve(step, twin.model());
        if (call != null) {
            call.on(twin);
        }
    }
}
