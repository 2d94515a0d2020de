// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.power.Quiet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the checks of all families share: a directory of their own, and after each check one more reopen and a comparison
 * of everything. A check makes its storages through {@link #twin()}.
 */
abstract class Rules {

    private final StorageTck kit;
    private final List<Twin> twins = new ArrayList<>();
    private @Nullable Path directory;
    private final Quiet quiet = new Quiet();

    Rules(StorageTck kit) {
        this.kit = kit;
    }

    @BeforeEach
    final void makeDirectory() throws IOException {
        quiet.begin();
        directory = Files.createDirectories(settings().work()).toRealPath();
        directory = Files.createTempDirectory(directory, "mooring-tck-");
    }

    @AfterEach
    final void reopenAndCompare() throws IOException {
        try {
            for (Twin twin : twins) {
                twin.reopen();
                twin.close();
            }
        } catch (Mismatch mismatch) {
            // not what this check was about, so not the rule that it is named for
            throw new RuleViolation(mismatch.rule(), String.valueOf(mismatch.getMessage()), mismatch);
        } catch (IOException | RuntimeException e) {
            throw new RuleViolation(Rule.LIFE_2, "a reopen after the check failed: " + e, e);
        } finally {
            for (Twin twin : twins) {
                closeQuietly(twin);
            }
            Trees.delete(directory());
            quiet.end();
        }
    }

    private static void closeQuietly(Twin twin) {
        try {
            twin.close();
        } catch (IOException | RuntimeException e) {
            // only after another failure, which is the one to report
        }
    }

    /** A new, empty storage beside its model. */
    final Twin twin() throws IOException {
        Twin twin = Twin.create(plug(), directory().resolve("storage-" + twins.size()), this::heard);
        twins.add(twin);
        return twin;
    }

    /** A directory that is this check's own and is deleted after it. */
    final Path directory() {
        if (directory == null) {
            throw new IllegalStateException("no check is running");
        }
        return directory;
    }

    /** For the report. */
    final void explored(Explored what) {
        Results.of(kit.getClass()).add(what);
    }

    /** For the report. */
    final void killed(Killed what) {
        Results.of(kit.getClass()).add(what);
    }

    /** For the report: an error that the check wanted. */
    final void heard(Throwable error) {
        Results.of(kit.getClass()).messages().heard(error);
    }

    final Plug plug() {
        return kit.plug();
    }

    final Settings settings() {
        return kit.settings();
    }
}
