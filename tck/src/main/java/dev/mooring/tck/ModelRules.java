// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Shrinker;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** MODEL: random scripts, on the backend and on the reference model side by side. */
abstract class ModelRules extends Rules {

    private static final int SCRIPTS = 25;
    private static final int STEPS = 80;
    private static final long SHRINK_SECONDS = 20;

    ModelRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.MODEL_1)
    void scriptsOfSmallPayloadsGiveWhatTheModelGives() throws IOException {
        scripts(400, 0);
    }

    @Verifies(Rule.MODEL_1)
    void scriptsOfLargePayloadsGiveWhatTheModelGives() throws IOException {
        scripts(100_000, 1_000_000);
    }

    private void scripts(int largestPayloadBytes, long offset) throws IOException {
        Script.Shape shape = Script.shape(largestPayloadBytes);
        for (int i = 0; i < SCRIPTS * settings().scale(); i++) {
            long seed = settings().seed() + offset + i;
            List<Step> script = Script.generate(seed, STEPS, shape);
            Throwable failure = run(script, i);
            if (failure != null) {
                throw new RuleViolation(Rule.MODEL_1, report(seed, script, failure), failure);
            }
        }
    }

    private String report(long seed, List<Step> script, Throwable failure) {
        int[] number = {SCRIPTS};
        List<Step> shortest = Shrinker.shrink(
                script,
                candidate -> run(candidate, number[0]++) != null,
                System.nanoTime() + TimeUnit.SECONDS.toNanos(SHRINK_SECONDS));
        Throwable last = run(shortest, number[0]);
        return (last == null ? failure : last).getMessage() + "\nSeed " + seed + "; the script of " + script.size()
                + " steps, shrunk to " + shortest.size() + ":\n"
                + shortest.stream().map(step -> step + ",").collect(Collectors.joining("\n"));
    }

    /** What went wrong; null if nothing did. */
    private @Nullable Throwable run(List<Step> script, int number) {
        Path directory = directory().resolve("script-" + number);
        try (Twin twin = Twin.create(plug(), Files.createDirectory(directory))) {
            int made = 0;
            for (Step step : script) {
                Call call = Rebase.resolve(step, twin.model());
                if (call != null) {
                    call.on(twin);
                }
                if (++made % 10 == 0) {
                    twin.checkReads();
                }
            }
            twin.checkReads();
            twin.reopen();
        } catch (IOException | RuntimeException | AssertionError e) {
            return e;
        } finally {
            deleteQuietly(directory);
        }
        return null;
    }

    private static void deleteQuietly(Path directory) {
        try {
            Trees.delete(directory);
        } catch (IOException e) {
            // what is left goes with the directory of the check
        }
    }
}
