// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** MODEL, through the core: random scripts, and in between calls that break Raft's rules. */
abstract class CoreModelRules extends Rules {

    private static final int SCRIPTS = 10;
    private static final int STEPS = 60;

    CoreModelRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.MODEL_1)
    void scriptsThroughTheCoreGiveWhatTheModelGives() throws IOException {
        boolean reopens = !plug().isVolatile();
        Script.Shape small = Script.shape(3000);
        Script.Shape shape = new Script.Shape(small.groups(), 3, small.largestPayloadBytes(), reopens);
        for (int i = 0; i < settings().effort().cases(SCRIPTS); i++) {
            long seed = settings().seed() + 2_000_000 + i;
            ScriptFailures.shrunk(
                    seed,
                    Script.generate(seed, STEPS, shape),
                    directory(),
                    (script, directory) -> run(script, directory, seed));
        }
    }

    private void run(List<Step> script, Path directory, long seed) throws IOException {
        Random random = new Random(seed);
        Model model = new Model();
        try (WholeStorage storage = WholeStorage.open(plug(), directory)) {
            int made = 0;
            for (Step step : script) {
                Call call = Rebase.resolve(step, model);
                if (call != null) {
                    call.on(storage);
                    call.on(model);
                }
                if (!model.groups().isEmpty() && random.nextInt(3) == 0) {
                    trespass(storage, model, random);
                }
                if (++made % 8 == 0 || step instanceof Step.Reopen) {
                    compare(model, storage.picture());
                }
            }
            compare(model, storage.picture());
        }
    }

    private void trespass(WholeStorage storage, Model model, Random random) throws IOException {
        String group = model.groups().get(random.nextInt(model.groups().size()));
        GroupState state = model.state(group);
        Trespasses.against(storage.storage().group(group), state, model).tryOne(random, this::heard);
    }

    private static void compare(Model model, Picture found) {
        // first indexes may lie lower: what the newest snapshots kept by storage itself cover is released later
        Picture.Difference difference = Oracle.crashDifference(model, found);
        Check.that(difference == null, () -> difference == null ? "" : difference.text());
    }
}
