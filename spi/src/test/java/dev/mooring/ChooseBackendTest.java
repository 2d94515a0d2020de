// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.Map;
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
