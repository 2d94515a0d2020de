// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house as it was drawn: arrows point down only. */
class ArchitectureTest {

    private static Path compiled;
    private static JavaClasses mooring;

    @BeforeAll
    static void importClasses() throws Exception {
        compiled = Path.of(StorageConfig.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        mooring = new ClassFileImporter().importPath(compiled);
        assertThat(mooring.contain(StorageConfig.class)).isTrue();
        assertThat(mooring.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void theSpiNeedsNothingButJava() {
        classes()
                .that()
                .resideInAPackage("dev.mooring.spi..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.mooring.spi..", "java..", "org.jspecify..")
                .check(mooring);
    }

    @Test
    void whatStandsBelowTheApiDoesNotKnowIt() {
        noClasses()
                .that()
                .resideInAPackage("dev.mooring.*..")
                .and()
                .resideOutsideOfPackage("dev.mooring.ready..") // stands above the API and uses it as an engine does
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.mooring")
                .check(mooring);
    }

    @Test
    void theReadyLoopUsesTheApiOnly() {
        classes()
                .that()
                .resideInAPackage("dev.mooring.ready..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.mooring", "dev.mooring.spi", "dev.mooring.ready..", "java..", "org.jspecify..")
                .check(mooring);
    }

    @Test
    void noPackagesNeedEachOther() {
        slices().matching("(dev.mooring..)").should().beFreeOfCycles().check(mooring);
    }

    @Test
    void onlyJavaIsNeededToRun() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.mooring..", "java..", "jdk.jfr..", "org.jspecify..")
                .check(mooring);
    }

    @Test
    void onlyWhatUsersNeedIsExported() throws IOException {
        ModuleDescriptor module;
        try (var in = Files.newInputStream(compiled.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        assertThat(module.exports().stream()
                        .map(ModuleDescriptor.Exports::source)
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "dev.mooring", "dev.mooring.ready", "dev.mooring.spi", "dev.mooring.spi.ordered");
    }
}
