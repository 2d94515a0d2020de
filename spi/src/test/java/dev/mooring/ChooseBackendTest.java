// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which backend a configuration chooses, and what it says when it chooses none. */
class ChooseBackendTest {

    @RegisterExtension
    private final ClassPath classPath = new ClassPath();

    @TempDir
    Path dir;

    @Test // PROV-4
    void aBackendIsChosenByName() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").version("1.2").write(dir.resolve("alpha.jar"));
        Path other = ProviderJar.of("b.Beta", "beta").write(dir.resolve("beta.jar"));
        classPath.is(jar, other);
        ChosenBackend chosen = configured("mooring.backend", "alpha").chooseBackend();
        assertThat(chosen.name()).isEqualTo("alpha");
        assertThat(chosen.provider().getClass().getName()).isEqualTo("a.Alpha");
        assertThat(chosen.options().number("segment-bytes")).isEqualTo(1024);
        assertThat(chosen.guarantees().durability()).isEqualTo(Durability.POWER_LOSS);
        assertThat(chosen.place()).isEqualTo("a.Alpha 1.2 in " + jar);
    }

    @Test
    void theNameMayBeLeftOutWhereOnlyOneIsInstalled() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is(jar);
        assertThat(configured().chooseBackend().name()).isEqualTo("alpha");
    }

    @Test
    void noneInstalledSaysWhatToInstallAndToWrite() throws Exception {
        classPath.is();
        assertRefused(configured()).hasMessageContaining("mooring.backend=files");
    }

    @Test
    void severalWithoutANameAreListedWithTheirJars() throws Exception {
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path beta = ProviderJar.of("b.Beta", "beta").write(dir.resolve("beta.jar"));
        classPath.is(alpha, beta);
        assertRefused(configured())
                .hasMessageContaining(alpha.toString())
                .hasMessageContaining(beta.toString())
                .hasMessageContaining("mooring.backend=alpha or mooring.backend=beta");
    }

    @Test
    void twoOfOneNameAreRefusedWithBothJarsAlsoWhenNamed() throws Exception {
        Path one = ProviderJar.of("a.Alpha", "alpha").version("1.0").write(dir.resolve("one.jar"));
        Path other = ProviderJar.of("o.Other", "alpha").version("7").write(dir.resolve("other.jar"));
        for (Path[] order : new Path[][] {{one, other}, {other, one}}) {
            classPath.is(order);
            for (StorageConfig config : List.of(configured(), configured("mooring.backend", "alpha"))) {
                assertRefused(config)
                        .hasMessageContaining("a.Alpha 1.0 in " + one)
                        .hasMessageContaining("o.Other 7 in " + other)
                        .hasMessageContaining("mooring.backend=alpha");
            }
        }
    }

    @Test
    void twoVersionsOfOneJarAreRefusedWithBothJars() throws Exception {
        Path one = ProviderJar.of("a.Alpha", "alpha").version("1.0").write(dir.resolve("alpha-1.0.jar"));
        Path other = ProviderJar.of("a.Alpha", "alpha").version("1.1").write(dir.resolve("alpha-1.1.jar"));
        for (Path[] order : new Path[][] {{one, other}, {other, one}}) {
            classPath.is(order);
            assertRefused(configured("mooring.backend", "alpha"))
                    .hasMessageContaining("installed 2 times")
                    .hasMessageContaining(one.toString())
                    .hasMessageContaining(other.toString());
        }
    }

    @Test
    void twoOfAnotherNameDoNotDisturb() throws Exception {
        Path one = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("one.jar"));
        Path other = ProviderJar.of("o.Other", "alpha").write(dir.resolve("other.jar"));
        Path beta = ProviderJar.of("b.Beta", "beta").write(dir.resolve("beta.jar"));
        classPath.is(one, other, beta);
        assertThat(configured("mooring.backend", "beta").chooseBackend().name()).isEqualTo("beta");
    }

    @Test
    void anUnknownNameSaysWhatThereIsAndWhatWasMeant() throws Exception {
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is(alpha);
        assertRefused(configured("mooring.backend", "alhpa"))
                .hasMessageContaining("'alhpa'")
                .hasMessageContaining("alpha (a.Alpha in " + alpha + ")")
                .hasMessageContaining("Did you mean mooring.backend=alpha?");
        assertRefused(configured("mooring.backend", "Alpha")).hasMessageContaining("mooring.backend=alpha?");
        assertRefused(configured("mooring.backend", "rocksdb")).hasMessageContaining("write mooring.backend=alpha.");
        assertRefused(configured("mooring.backend", "a\0\n" + "x".repeat(9_000)))
                .satisfies(e ->
                        assertThat(e.getMessage()).doesNotContain("\0", "\n").hasSizeLessThan(2_000));
    }

    @Test
    void aNameWhereNothingIsInstalledIsRefused() throws Exception {
        classPath.is();
        assertRefused(configured("mooring.backend", "rocksdb"))
                .hasMessageContaining("'rocksdb'")
                .hasMessageContaining("No backend is installed");
    }

    @Test
    void aBrokenProviderDoesNotHideTheOthers() throws Exception {
        Path broken = ProviderJar.empty().registers("gone.Provider").write(dir.resolve("broken.jar"));
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is(broken, alpha);
        assertThat(configured("mooring.backend", "alpha").chooseBackend().name())
                .isEqualTo("alpha");
        assertThat(configured().chooseBackend().name()).isEqualTo("alpha");
    }

    @Test
    void aBrokenProviderOfTheChosenNameIsTheAnswer() throws Exception {
        Path broken = ProviderJar.empty()
                .provider(
                        "x.RocksProvider",
                        "return \"rocksdb\";",
                        "throw new NoClassDefFoundError(\"org/rocksdb/DB\");",
                        "")
                .write(dir.resolve("mooring-backend-rocksdb.jar"));
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is(alpha, broken);
        assertRefused(configured("mooring.backend", "rocksdb"))
                .hasMessageContaining("x.RocksProvider in " + broken)
                .hasMessageContaining("NoClassDefFoundError: org/rocksdb/DB")
                .hasMessageContaining("alpha (")
                .hasCauseInstanceOf(NoClassDefFoundError.class);
        assertRefused(configured("mooring.backend", "lmdb"))
                .hasMessageContaining("Registered, but cannot be used: x.RocksProvider in " + broken);
    }

    @Test
    void onlyBrokenProvidersAreAllListed() throws Exception {
        Path one = ProviderJar.empty().registers("gone.One").write(dir.resolve("one.jar"));
        Path two = ProviderJar.empty().registers("gone.Two").write(dir.resolve("two.jar"));
        classPath.is(one, two);
        assertRefused(configured())
                .hasMessageContaining("gone.One in " + one)
                .hasMessageContaining("gone.Two in " + two)
                .hasMessageContaining("those jars");
    }

    @Test // PROV-3
    void anUnknownOptionIsRefusedByName() {
        TestProvider files = new TestProvider("files");
        assertRefused(configured("mooring.files.segment-byte", "1KiB").withProvider(files))
                .hasMessageContaining("Backend 'files' has no option 'segment-byte'")
                .hasMessageContaining("set by the program")
                .hasMessageContaining("Did you mean mooring.files.segment-bytes?");
        assertRefused(configured("mooring.files.", "x").withProvider(files)).hasMessageContaining("no option ''");
        assertRefused(configured("mooring.files.compression", "x").withProvider(files))
                .hasMessageContaining("known are mooring.files.direct, mooring.files.label");
        assertRefused(configured("mooring.fiels.segment-bytes", "1KiB").withProvider(files))
                .hasMessageContaining("Did you mean mooring.files.segment-bytes?");
    }

    @Test // PROV-3
    void anOptionThatDoesNotFitIsRefusedWithTheLine() throws Exception {
        Path file = Files.writeString(dir.resolve("m.properties"), "\nmooring.files.segment-bytes=1\n");
        assertRefused(StorageConfig.load(file, Map.of(), new Properties()).withProvider(new TestProvider("files")))
                .hasMessageContaining("mooring.files.segment-bytes is '1' (" + file + ", line 2), but must be a whole"
                        + " number from 512 to 1073741824 bytes");
        assertRefused(configured("mooring.files.direct", "").withProvider(new TestProvider("files")))
                .hasMessageContaining("mooring.files.direct is empty");
        assertRefused(configured("mooring.files.segment-bytes", "4KiB\0").withProvider(new TestProvider("files")))
                .hasMessageContaining("'4KiB\\u0000'");
    }

    @Test
    void optionsOfOtherBackendsAreLeftAlone() throws Exception {
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path beta = ProviderJar.of("b.Beta", "beta").write(dir.resolve("beta.jar"));
        classPath.is(alpha, beta);
        ChosenBackend chosen = configured(
                        "mooring.backend", "alpha",
                        "mooring.alpha.segment-bytes", "2KiB",
                        "mooring.beta.segment-bytes", "nonsense",
                        "mooring.beta.no-such-option", "x",
                        "mooring.rocksdb.write.buffer_SIZE", "x")
                .chooseBackend();
        assertThat(chosen.options().number("segment-bytes")).isEqualTo(2048);
    }

    @Test
    void optionsComeFromTheEnvironmentToo() throws Exception {
        Path file = Files.writeString(
                dir.resolve("m.properties"), "mooring.files.segment-bytes=600\nmooring.files.label=from-file\n");
        Map<String, String> environment = Map.of(
                "MOORING_FILES_SEGMENT_BYTES", "700",
                "MOORING_FILES_DIRECT", "true",
                "MOORING_FILES_SERVICE_HOST", "10.0.0.1",
                "MOORING_FILES_PORT_80_TCP_PROTO", "tcp",
                "MOORING_LMDB_NO_SUCH_OPTION", "x");
        Properties system = new Properties();
        system.setProperty("mooring.files.direct", "false");
        ChosenBackend chosen = StorageConfig.load(file, environment, system)
                .withProvider(new TestProvider("files"))
                .chooseBackend();
        assertThat(chosen.options().number("segment-bytes")).isEqualTo(700);
        assertThat(chosen.options().flag("direct")).isFalse();
        assertThat(chosen.options().text("label")).isEqualTo("from-file");
    }

    @Test // PROV-3
    void aVariableThatIsNoOptionOfTheChosenBackendIsRefused() {
        StorageConfig config =
                StorageConfig.fromEnvironment(Map.of("MOORING_FILES_SEGMENT_BYTE", "1"), new Properties());
        assertRefused(config.withProvider(new TestProvider("files")))
                .hasMessageContaining("MOORING_FILES_SEGMENT_BYTE")
                .hasMessageContaining("mooring.files.segment-bytes");
        StorageConfig value =
                StorageConfig.fromEnvironment(Map.of("MOORING_FILES_SEGMENT_BYTES", "1"), new Properties());
        assertRefused(value.withProvider(new TestProvider("files")))
                .hasMessageContaining("environment variable MOORING_FILES_SEGMENT_BYTES");
    }

    @Test
    void aVariableBelongsToTheBackendWithTheLongerNameWhereThatIsInstalled() throws Exception {
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path longer = ProviderJar.of("b.Longer", "alpha-segment").write(dir.resolve("longer.jar"));
        classPath.is(alpha, longer);
        Map<String, String> environment = Map.of(
                "MOORING_BACKEND", "alpha",
                "MOORING_ALPHA_SEGMENT_BYTES", "700", // of alpha, for alpha was chosen
                "MOORING_ALPHA_SEGMENT_DIRECT", "true");
        ChosenBackend chosen =
                StorageConfig.fromEnvironment(environment, new Properties()).chooseBackend();
        assertThat(chosen.options().number("segment-bytes")).isEqualTo(700);
        assertThat(chosen.options().flag("direct")).isFalse();
    }

    @Test
    void lessDurabilityThanConfiguredIsRefused() throws Exception {
        TestProvider files = new TestProvider("files");
        StorageConfig weak = configured("mooring.files.sync", "never").withProvider(files);
        assertRefused(weak)
                .hasMessageContaining("gives mooring.durability=process-crash")
                .hasMessageContaining("mooring.durability=power-loss is asked for, which is the default")
                .hasMessageContaining("write mooring.durability=process-crash if acknowledged");
        assertRefused(weak.with("mooring.durability", "power-loss")).hasMessageContaining("set by the program");
        for (String enough : List.of("process-crash", "volatile")) {
            assertThat(weak.with("mooring.durability", enough)
                            .chooseBackend()
                            .guarantees()
                            .durability())
                    .isEqualTo(Durability.PROCESS_CRASH);
        }
    }

    @Test
    void theProgramsChoiceNeedsNoNameButMustNotContradictOne() throws Exception {
        TestProvider files = new TestProvider("files");
        classPath.is();
        assertThat(configured().withProvider(files).chooseBackend().provider()).isSameAs(files);
        assertThat(configured("mooring.backend", "files")
                        .withProvider(files)
                        .chooseBackend()
                        .provider())
                .isSameAs(files);
        assertRefused(configured("mooring.backend", "lmdb").withProvider(files))
                .hasMessageContaining("mooring.backend is 'lmdb'")
                .hasMessageContaining("must be 'files' or absent");
        assertRefused(configured().withProvider(new TestProvider("Files"))).hasMessageContaining("[a-z][a-z0-9-]*");
        assertRefused(configured().withProvider(new TestProvider(null))).hasMessageContaining("null");
    }

    @Test
    void aProviderThatFailsWhenAskedIsNamedWithItsJar() throws Exception {
        Path jar = ProviderJar.empty()
                .source(
                        "f.Failing",
                        ProviderJar.of("f.Failing", "failing")
                                .sourceOf("f.Failing")
                                .replace(
                                        "return new Guarantees(",
                                        "if (true) throw new LinkageError(\"old library\"); return new Guarantees("))
                .registers("f.Failing")
                .write(dir.resolve("failing.jar"));
        classPath.is(jar);
        assertRefused(configured()).hasMessageContaining("f.Failing in " + jar).hasMessageContaining("old library");
    }

    private static StorageConfig configured(String... keysAndValues) {
        StorageConfig config = StorageConfig.of(Map.of());
        for (int i = 0; i < keysAndValues.length; i += 2) {
            config = config.with(keysAndValues[i], keysAndValues[i + 1]);
        }
        return config;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(StorageConfig config) {
        return assertThatThrownBy(config::chooseBackend).isInstanceOf(StorageException.Refused.class);
    }
}
