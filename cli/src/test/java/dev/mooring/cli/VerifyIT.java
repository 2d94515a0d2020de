// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.SampleStorage;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.deploy.CustomBackend;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mooring verify} in a process of its own, as an operator runs it. */
class VerifyIT {

    private static final int SIGTERM_STATUS = 128 + 15;

    @TempDir
    private Path directory;

    private Path root;
    private Path mooring;
    private Path storage;
    private Path work;

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectory(directory.resolve("a clone"));
        mooring = Installation.clone(root);
        storage = directory.resolve("a storage");
        work = Files.createDirectory(directory.resolve("work"));
    }

    @AfterEach
    void unlink() throws IOException {
        Installation.unlink(root);
    }

    @Test
    void theStorageOfABackendOfSomebodyElseIsReadAndItsDamageIsTheExitStatus() throws Exception {
        Path jar = CustomBackend.journal(directory.resolve("journal.jar"), directory);
        StorageProvider journal = CustomBackend.provider(jar);
        SampleStorage.fill(
                StorageConfig.of(Map.of("mooring.backend", "journal"))
                        .withProvider(journal)
                        .withDirectory(storage),
                500);
        Map<String, String> before = StorageContent.files(storage);
        try (Launched launched = verify(Map.of("MOORING_CLASSPATH", jar.toString()))) {
            assertThat(launched.exitStatus()).as("%s", launched).isZero();
            assertThat(launched.out()).contains("backend 'journal'", "from-zero: term 3", "Whole: ");
            assertThat(launched.err().lines()).allMatch(line -> line.matches("(copying|reading): .*"));
        }
        assertThat(StorageContent.files(storage)).isEqualTo(before);
        try (Launched launched = verify(Map.of())) {
            assertThat(launched.exitStatus()).isEqualTo(1);
            assertThat(launched.err()).contains("'journal', which is not on the class path. Add its jar");
        }
        Path identity = storage.resolve("IDENTITY");
        Files.writeString(identity, "x", StandardOpenOption.WRITE);
        try (Launched launched = verify(Map.of("MOORING_CLASSPATH", jar.toString()))) {
            assertThat(launched.exitStatus()).isEqualTo(3);
            assertThat(launched.out()).contains("Damaged: " + identity);
            assertThat(launched.err()).isEmpty();
        }
        assertThat(FileTree.names(work)).isEmpty();
    }

    @Test
    void aGroupThatDoesNotOpenIsToldOnceAndOfTheStorageItself() throws Exception {
        SampleStorage.fill(StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(storage), 10);
        FileTree.delete(storage.resolve("snapshots/snapshotted"));
        try (Launched launched = verify(Map.of())) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(3);
            assertThat(launched.out())
                    .contains("  snapshotted: DAMAGED. ", storage.resolve("snapshots/snapshotted") + "/")
                    .contains("  truncated: term 1")
                    .contains("Damaged: 1 of 11 groups, snapshotted.\n" + storage + " is not whole.")
                    .doesNotContain(work.toString());
            assertThat(launched.err()).doesNotContain("SEVERE").doesNotContain(work.toString());
        }
    }

    @Test
    void interruptedItLeavesNoCopy() throws Exception {
        SampleStorage.fill(StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(storage), 30_000);
        Map<String, String> before = StorageContent.files(storage);
        for (String moment : new String[] {"Copying", "Reading"}) {
            boolean ended = false; // by the signal, before its work was done
            for (int attempt = 0; attempt < 20 && !ended; attempt++) {
                try (Launched launched = verify(Map.of())) {
                    assertThat(launched.printed(moment)).as("%s", launched).isTrue();
                    launched.handle().destroy(); // as Ctrl-C does, the hooks run
                    ended = launched.exitStatus() == SIGTERM_STATUS;
                    assertThat(launched.err())
                            .doesNotContain("could be removed")
                            .doesNotContain("\tat ");
                }
                assertThat(FileTree.names(work)).as(moment).isEmpty();
            }
            assertThat(ended).as(moment).isTrue();
        }
        assertThat(StorageContent.files(storage)).isEqualTo(before);
    }

    private Launched verify(Map<String, String> environment) throws IOException {
        return Launched.run(
                mooring,
                environment,
                directory,
                "verify",
                "--directory",
                storage.toString(),
                "--work",
                work.toString());
    }
}
