// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each key means, which layer wins, and what a value that does not fit is answered. */
class StorageConfigTest {

    @TempDir
    Path dir;

    @Test
    void theDefaultsAreTheSafeOnes() throws Exception {
        StorageConfig config = StorageConfig.of(Map.of());
        assertThat(config.backend()).isNull();
        assertThat(config.node()).isNull();
        assertThat(config.mayCreate()).isTrue();
        assertThat(config.durability()).isEqualTo(Durability.POWER_LOSS);
        assertThat(config.snapshotRetain()).isEqualTo(2);
        assertThat(config.snapshotCatchUpEntries()).isEqualTo(5_000);
        assertThat(config.snapshotIntervalEntries()).isEqualTo(10_000);
        assertThat(config.maxPayloadBytes()).isEqualTo(64 << 20);
        assertThat(config.maxUpdateBytes()).isEqualTo(128 << 20);
        assertThat(config.queueBytes()).isEqualTo(64 << 20);
    }

    @Test
    void everyKeyIsReadFromAFile() throws Exception {
        StorageConfig config = load("""
                mooring.backend=lmdb
                mooring.directory=/data/mooring
                mooring.node=n-1
                mooring.create=never
                mooring.durability=process-crash
                mooring.snapshot.retain=3
                mooring.snapshot.catch-up-entries=0
                mooring.snapshot.interval-entries=7
                mooring.max-payload-bytes=1KiB
                mooring.max-update-bytes=2 MiB
                mooring.queue-bytes=1GiB
                """);
        assertThat(config.backend()).isEqualTo("lmdb");
        assertThat(config.directory()).isEqualTo(Path.of("/data/mooring").toAbsolutePath());
        assertThat(config.node()).isEqualTo("n-1");
        assertThat(config.mayCreate()).isFalse();
        assertThat(config.durability()).isEqualTo(Durability.PROCESS_CRASH);
        assertThat(config.snapshotRetain()).isEqualTo(3);
        assertThat(config.snapshotCatchUpEntries()).isZero();
        assertThat(config.snapshotIntervalEntries()).isEqualTo(7);
        assertThat(config.maxPayloadBytes()).isEqualTo(1024);
        assertThat(config.maxUpdateBytes()).isEqualTo(2 << 20);
        assertThat(config.queueBytes()).isEqualTo(1 << 30);
    }

    @Test
    void systemPropertiesOverrideTheEnvironmentWhichOverridesTheFile() throws Exception {
        String file = "mooring.backend=from-file\nmooring.node=from-file\nmooring.snapshot.retain=5\n";
        Map<String, String> environment = Map.of("MOORING_BACKEND", "from-env", "MOORING_NODE", "from-env");
        StorageConfig config = load(file, environment, properties("mooring.backend", "from-system"));
        assertThat(config.backend()).isEqualTo("from-system");
        assertThat(config.node()).isEqualTo("from-env");
        assertThat(config.snapshotRetain()).isEqualTo(5);
        assertThat(config.with("mooring.backend", "from-program").backend()).isEqualTo("from-program");
    }

    @Test
    void withoutAFileTheEnvironmentIsEnough() throws Exception {
        StorageConfig config = StorageConfig.fromEnvironment(
                Map.of(
                        "MOORING_BACKEND", "files",
                        "MOORING_DIRECTORY", "/data",
                        "MOORING_SNAPSHOT_CATCH_UP_ENTRIES", "9",
                        "MOORING_MAX_PAYLOAD_BYTES", "1MiB"),
                properties("mooring.node", "n1"));
        assertThat(config.backend()).isEqualTo("files");
        assertThat(config.directory()).isEqualTo(Path.of("/data").toAbsolutePath());
        assertThat(config.node()).isEqualTo("n1");
        assertThat(config.snapshotCatchUpEntries()).isEqualTo(9);
        assertThat(config.maxPayloadBytes()).isEqualTo(1 << 20);
    }

    @Test
    void exactlyWhatIsGivenIsTakenWhereNoLayersAreAskedFor() throws Exception {
        System.setProperty("mooring.node", "from-system");
        try {
            assertThat(StorageConfig.of(Map.of()).node()).isNull();
            assertThat(StorageConfig.fromEnvironment().node()).isEqualTo("from-system");
        } finally {
            System.clearProperty("mooring.node");
        }
    }

    @Test
    void aConfigurationNeverChanges() throws Exception {
        StorageConfig one = StorageConfig.of(Map.of("mooring.node", "a"));
        StorageConfig other = one.with("mooring.node", "b").withDirectory(dir);
        assertThat(one.node()).isEqualTo("a");
        assertThat(other.node()).isEqualTo("b");
        assertRefused(one::directory);
    }

    @Test
    void aDirectoryMayBeOnAnotherFileSystem() throws Exception {
        Path zip = dir.resolve("fs.zip");
        try (FileSystem zipped = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path inside = zipped.getPath("/data");
            StorageConfig config =
                    StorageConfig.of(Map.of("mooring.directory", "/elsewhere")).withDirectory(inside);
            assertThat(config.directory()).isSameAs(inside);
            assertThat(config.with("mooring.directory", "/elsewhere").directory())
                    .isEqualTo(Path.of("/elsewhere").toAbsolutePath());
        }
    }

    @Test
    void aRelativeDirectoryIsTakenFromTheWorkingDirectory() throws Exception {
        assertThat(StorageConfig.of(Map.of("mooring.directory", "some/data ")).directory())
                .isEqualTo(Path.of("").toAbsolutePath().resolve("some/data"));
    }

    @Test
    void aMissingDirectorySaysWhatToWrite() {
        assertRefused(() -> StorageConfig.of(Map.of()).directory()).hasMessageContaining("mooring.directory=/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "-", "_x", "node.1", "N-1_a.b", "data"})
    void namesOfNodes(String node) throws Exception {
        assertThat(with("mooring.node", node).node()).isEqualTo(node);
        assertThat(with("mooring.node", "n".repeat(64)).node()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "..",
                ".a",
                "a/b",
                "../a",
                "a\\b",
                "a b",
                "a\0",
                "\0",
                "n\u00f6de",
                "\uff21",
                "a\nb",
                "a:b",
                "a\u202eb",
                "\ud83d\ude00",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void whatNamesNoNodeIsRefused(String node) {
        assertRefused(() -> with("mooring.node", node).node()).hasMessageContaining("mooring.node");
    }

    @ParameterizedTest
    @CsvSource({
        "mooring.create, maybe",
        "mooring.create, true",
        "mooring.durability, strong",
        "mooring.durability, power loss",
        "mooring.snapshot.retain, 0",
        "mooring.snapshot.retain, -1",
        "mooring.snapshot.retain, 2147483648",
        "mooring.snapshot.retain, 1.5",
        "mooring.snapshot.catch-up-entries, -1",
        "mooring.snapshot.catch-up-entries, 99999999999999999999999",
        "mooring.snapshot.interval-entries, 0",
        "mooring.max-payload-bytes, 0",
        "mooring.max-payload-bytes, 2GiB",
        "mooring.max-update-bytes, 9223372036854775807GiB",
        "mooring.queue-bytes, lots",
        "mooring.queue-bytes, ''",
        "mooring.backend, ''",
        "mooring.backend, '  '",
        "mooring.directory, ''"
    })
    void aValueThatDoesNotFitIsRefusedWithTheLineAndWhatToWrite(String key, String value) throws IOException {
        StorageConfig config = load("# first line\n" + key + "=" + value + "\n");
        assertRefused(config::chooseBackend)
                .hasMessageContaining(key + " is " + (value.isBlank() ? "empty" : "'" + value + "'"))
                .hasMessageContaining(dir.resolve("mooring.properties") + ", line 2")
                .hasMessageMatching(".*(must be|write) .*");
    }

    @Test
    void aValueSaysWhichLayerItCameFrom() {
        assertRefused(() -> StorageConfig.fromEnvironment(Map.of("MOORING_SNAPSHOT_RETAIN", "many"), properties())
                        .snapshotRetain())
                .hasMessageContaining(
                        "mooring.snapshot.retain is 'many' (environment variable MOORING_SNAPSHOT_RETAIN)");
        assertRefused(() -> StorageConfig.fromEnvironment(Map.of(), properties("mooring.create", "no"))
                        .mayCreate())
                .hasMessageContaining("mooring.create is 'no' (system property mooring.create)");
        assertRefused(() -> with("mooring.create", "no").mayCreate())
                .hasMessageContaining("mooring.create is 'no' (set by the program)");
    }

    @Test
    void aPathThatIsNoneIsRefusedOnOneLine() {
        assertRefused(() -> with("mooring.directory", "/data\0\n/x").directory())
                .hasMessageContaining("'/data\\u0000\\u000a/x'");
    }

    @Test
    void theWordsOfTheApiAreUnderstoodToo() throws Exception {
        assertThat(with("mooring.durability", "POWER_LOSS").durability()).isEqualTo(Durability.POWER_LOSS);
        assertThat(with("mooring.durability", "Volatile").durability()).isEqualTo(Durability.VOLATILE);
        assertThat(with("mooring.create", "NEVER").mayCreate()).isFalse();
    }

    @Test
    void theLargestSaveHoldsTheLargestEntry() {
        assertRefused(with("mooring.max-payload-bytes", "256MiB")::maxUpdateBytes)
                .hasMessageContainingAll(
                        "mooring.max-update-bytes is 134217728 (the default)",
                        "mooring.max-payload-bytes is ",
                        "mooring.max-update-bytes=268435456");
    }

    @ParameterizedTest
    @CsvSource({
        "mooring.durabilty, mooring.durability",
        "mooring.Backend, mooring.backend",
        "Mooring.backend, mooring.backend",
        "MOORING_BACKEND, mooring.backend",
        "mooring.dir, mooring.directory",
        "mooring., ",
        "mooring.snapshot.keep, mooring.snapshot.retain",
        "mooring.colour, ",
        "mooring.snapshot.retian, mooring.snapshot.retain",
        "mooring.snapshots.retain, mooring.snapshot.retain",
        "mooring.max.payload.bytes, mooring.max-payload-bytes",
        "mooring.Files.segment-bytes, "
    })
    void anUnknownKeyIsRefusedByNameWithTheNearestKnownOne(String key, String meant) throws IOException {
        StorageConfig config = load("other.key=x\n" + key + "=1\n");
        assertRefused(config.withProvider(new TestProvider("files"))::chooseBackend)
                .hasMessageContaining("There is no property " + key + " (")
                .hasMessageContaining("line 2")
                .hasMessageContaining(
                        meant == null ? "mooring.backend, mooring.directory" : "Did you mean " + meant + "?");
    }

    @Test
    void anUnknownSystemPropertyIsRefusedToo() {
        StorageConfig config = StorageConfig.fromEnvironment(Map.of(), properties("mooring.durabilty", "volatile"));
        assertRefused(config::chooseBackend).hasMessageContaining("system property mooring.durabilty");
    }

    @Test
    void aKeyGivenByTheProgramMustBeginWithMooring() {
        StorageProvider files = new TestProvider("files");
        assertRefused(StorageConfig.of(Map.of("backend", "files")).withProvider(files)::chooseBackend)
                .hasMessageContaining("Did you mean mooring.backend?");
        assertRefused(with("files.segment-bytes", "1KiB").withProvider(files)::chooseBackend)
                .hasMessageContaining("Did you mean mooring.files.segment-bytes?");
    }

    @Test
    void aFileMayHoldThePropertiesOfAWholeApplication() throws Exception {
        StorageConfig config = load("server.port=80\nbackend=x\nmooring.node=n\ndirectory=/x\n");
        assertThat(config.withProvider(new TestProvider("files"))
                        .chooseBackend()
                        .name())
                .isEqualTo("files");
    }

    @Test
    void variablesOfOthersAreLeftAloneAndSlipsAreRefused() throws Exception {
        Map<String, String> others = Map.of(
                "MOORING_HOME", "/opt/mooring",
                "MOORING_OPTS", "-Xmx1g",
                "MOORING_", "",
                "MOORING", "x",
                "MOORINGBACKEND", "x",
                "MOORING_SERVICE_HOST", "10.0.0.1",
                "MOORING_PORT_8080_TCP_ADDR", "10.0.0.1",
                "MOORING_SNAPSHOT_DIR", "/x");
        StorageConfig config =
                StorageConfig.fromEnvironment(others, properties()).withProvider(new TestProvider("files"));
        assertThat(config.chooseBackend().name()).isEqualTo("files");
        for (String slip : new String[] {"MOORING_BACKND", "MOORING_DURABILTY", "MOORING_SNAPSHOT_RETIAN"}) {
            assertRefused(StorageConfig.fromEnvironment(Map.of(slip, "x"), properties())::chooseBackend)
                    .hasMessageContaining(slip)
                    .hasMessageContaining("Did you mean MOORING_");
        }
    }

    @Test
    void propertiesOfTheJvmThatAreNoTextAreLeftAlone() throws Exception {
        Properties odd = properties("mooring.node", "n");
        odd.put("mooring.object", new Object());
        odd.put(17, "x");
        assertThat(StorageConfig.fromEnvironment(Map.of(), odd).node()).isEqualTo("n");
    }

    @Test
    void noValueIsShownWhereAConfigurationIsPrinted() throws Exception {
        StorageConfig config = load("mooring.node=n\nmooring.xodus.cipher-key=secret\n");
        assertThat(config.toString())
                .contains("mooring.xodus.cipher-key", "line 2")
                .doesNotContain("secret");
    }

    private static StorageConfig with(String key, String value) {
        return StorageConfig.of(Map.of()).with(key, value);
    }

    private StorageConfig load(String text) throws IOException {
        return load(text, Map.of(), properties());
    }

    private StorageConfig load(String text, Map<String, String> environment, Properties system) throws IOException {
        return StorageConfig.load(Files.writeString(dir.resolve("mooring.properties"), text), environment, system);
    }

    private static Properties properties(String... keysAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageNotContaining("invalid")
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
}
