// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Shrinker;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a script, and if it fails, again and again with fewer steps: the report shows the fewest that still fail. */
final class ScriptFailures {

    private static final long SHRINK_SECONDS = 20;

    private ScriptFailures() {}

    /** Runs a script in an empty directory; throws if what is found is not what the model says. */
    @FunctionalInterface
    interface Run {
        void run(List<Step> script, Path directory) throws IOException;
    }

    static void shrunk(long seed, List<Step> script, Path parent, Run run) {
        Throwable failure = failure(script, parent, run);
        if (failure == null) {
            return;
        }
        List<Step> shortest = Shrinker.shrink(
                script,
                candidate -> failure(candidate, parent, run) != null,
                System.nanoTime() + TimeUnit.SECONDS.toNanos(SHRINK_SECONDS));
        Throwable last = failure(shortest, parent, run);
        Throwable shown = last == null ? failure : last;
        throw new RuleViolation(
                Rule.MODEL_1,
                (shown instanceof AssertionError ? shown.getMessage() : "it threw " + shown) + "\nSeed " + seed
                        + "; the script of " + script.size() + " steps, shrunk to " + shortest.size() + ":\n"
                        + shortest.stream().map(step -> step + ",").collect(Collectors.joining("\n")),
                shown);
    }

    private static @Nullable Throwable failure(List<Step> script, Path parent, Run run) {
        Path directory = parent.resolve("script");
        try {
            Trees.delete(directory);
            run.run(script, directory);
            return null;
        } catch (IOException | RuntimeException | AssertionError e) {
            return e;
        }
    }
}
