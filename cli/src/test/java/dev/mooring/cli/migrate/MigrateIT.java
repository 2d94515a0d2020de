// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.Installation;
import dev.mooring.cli.Launched;
import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.SampleStorage;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.deploy.CustomBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mooring migrate} in a process of its own, as an operator runs it, to the end or killed. */
class MigrateIT {

    private static final int KILLS = 10;
    private static final List<String> STEPS = List.of("Copying", "Writing", "Verifying");
    private static final List<String> TARGETS = List.of("files", "rocksdb", "lmdb", "xodus"); // killed by turns

    @TempDir
    private Path directory;

    private Path root;
    private Path mooring;
    private Path customJar;
    private StorageProvider custom;

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectory(directory.resolve("a clone"));
        mooring = Installation.clone(root);
        customJar = CustomBackend.journal(directory.resolve("journal.jar"), directory);
        custom = CustomBackend.provider(customJar);
    }

    @AfterEach
    void unlink() throws IOException {
        Installation.unlink(root);
    }

    @Test
    void aBackendOfSomebodyElseIsSourceAndTargetLikeAnyOther() throws Exception {
        SampleStorage.fill(config("files", directory.resolve("start")), 500);
        List<String> wanted = StorageContent.of(config("files", directory.resolve("start")));
        Path from = directory.resolve("start");
        for (String backend :
                List.of("journal", "rocksdb", "journal", "lmdb", "journal", "xodus", "journal", "files")) {
            Path to = directory.resolve(from.getFileName() + "-" + backend);
            Map<String, String> before = StorageContent.files(from);
            try (Launched launched = migrate(from, to, backend)) {
                assertThat(launched.exitStatus()).as("%s", launched).isZero();
                assertThat(launched.out()).contains("Done: ");
                assertThat(launched.err().lines()).allMatch(line -> line.matches("(copying|writing|verifying): .*"));
                for (String step : List.of("copying", "writing", "verifying")) {
                    assertThat(launched.err()).containsPattern(step + ": .*100");
                }
            }
            assertThat(StorageContent.files(from)).isEqualTo(before);
            assertThat(StorageContent.of(config(backend, to))).as("%s", to).isEqualTo(wanted);
            from = to;
        }
    }

    @Test
    void killedAtAnyMomentItLeavesTheSourceUntouchedAndATargetThatOpensOnlyWhenComplete() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the kills: " + seed);
        Random random = new Random(seed);
        Path source = directory.resolve("source");
        SampleStorage.fill(config("files", source), 30_000);
        List<String> wanted = StorageContent.of(config("files", source));
        Map<String, String> untouched = StorageContent.files(source);
        Path first = directory.resolve("first");
        long begun = System.nanoTime();
        try (Launched launched = migrate(source, first, "files")) {
            assertThat(launched.exitStatus()).as("%s", launched).isZero();
        }
        long wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        Map<String, Path> targets = new LinkedHashMap<>();
        TARGETS.forEach(backend -> targets.put(backend, directory.resolve("target-" + backend)));
        List<String> ends = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            // at the beginning of each step, then in slices of the run, at a random moment of each
            long afterMillis = wholeMillis * kill / KILLS + random.nextInt(1 + (int) (wholeMillis / KILLS));
            String step = kill < STEPS.size() ? STEPS.get(kill) : "";
            String backend = TARGETS.get(kill % TARGETS.size());
            Path target = targets.get(backend);
            try (Launched launched = migrate(source, target, backend)) {
                if (!step.isEmpty()) {
                    assertThat(launched.printed(step)).as("%s", launched).isTrue();
                }
                launched.killAfter(step.isEmpty() ? afterMillis : 0);
            }
            String end = endOf(backend, target);
            ends.add(backend + ", " + (step.isEmpty() ? afterMillis + " ms" : step) + ": " + end);
            assertThat(StorageContent.files(source)).as("seed %s", seed).isEqualTo(untouched);
            if (end.equals("complete")) {
                assertThat(StorageContent.of(config(backend, target)))
                        .as("seed %s", seed)
                        .isEqualTo(wanted);
                targets.put(backend, directory.resolve("target" + kill));
            }
        }
        System.out.println("killed after " + ends);
        assertThat(ends).as("seed %s", seed).anyMatch(end -> end.endsWith("refused"));
        for (Map.Entry<String, Path> target : targets.entrySet()) {
            try (Launched launched = migrate(source, target.getValue(), target.getKey())) {
                assertThat(launched.exitStatus())
                        .as("%s, seed %s", launched, seed)
                        .isZero();
            }
            assertThat(StorageContent.of(config(target.getKey(), target.getValue())))
                    .as("%s, seed %s", target, seed)
                    .isEqualTo(wanted);
        }
        assertThat(StorageContent.files(source)).as("seed %s", seed).isEqualTo(untouched);
    }

    @Test
    void aTargetThatGetsFullIsSaidInOneSentence() throws Exception {
        Path source = directory.resolve("source");
        SampleStorage.fill(config("files", source), 5_000);
        Path options = Files.writeString(
                directory.resolve("my options"),
                "mooring.lmdb.file-bytes=128KiB\nmooring.lmdb.max-file-bytes=512KiB\n");
        Path target = directory.resolve("target");
        try (Launched launched = migrate(source, target, "lmdb", "--config", options.toString())) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
            assertThat(launched.out()).contains("The migration failed", "run the same command again");
            assertThat(launched.err())
                    .contains("mooring: ", "mooring.lmdb.max-file-bytes")
                    .doesNotContain("SEVERE", "\tat ");
        }
        assertThat(target.resolve("MIGRATION")).content().contains("--config '" + options + "'");
    }

    /** What an operator who starts a server on it meets. */
    private String endOf(String backend, Path target) throws IOException {
        if (!Files.exists(target)) {
            return "not begun";
        }
        if (Files.exists(target.resolve("IDENTITY")) && !Files.exists(target.resolve("MIGRATION"))) {
            return "complete";
        }
        if (!Files.exists(target.resolve("MIGRATION"))) {
            assertThat(FileTree.names(target)).isSubsetOf("LOCK");
            return "not begun";
        }
        assertThatThrownBy(() -> RaftStorage.open(config(backend, target)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("is the target of a migration that has not come to its end")
                .hasMessageContaining("same command again");
        return "refused";
    }

    private Launched migrate(Path from, Path to, String backend, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("migrate", "--from", from.toString(), "--to", to.toString(), "--backend", backend));
        arguments.addAll(List.of(more));
        return Launched.run(
                mooring,
                Map.of("MOORING_CLASSPATH", customJar.toString()),
                directory,
                arguments.toArray(String[]::new));
    }

    private StorageConfig config(String backend, Path path) {
        StorageConfig config = StorageConfig.of(Map.of("mooring.backend", backend, "mooring.snapshot.retain", "3"))
                .withDirectory(path);
        return backend.equals("journal") ? config.withProvider(custom) : config;
    }
}
