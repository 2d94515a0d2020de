// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in real jars, whole and broken. */
class InstalledBackendsTest {

    @RegisterExtension
    private final ClassPath classPath = new ClassPath();

    @TempDir
    Path dir;

    @Test // PROV-4
    void backendsAreFoundWithJarAndVersionInOrderOfNames() throws Exception {
        Path beta = ProviderJar.of("b.Beta", "beta").version("2.0").write(dir.resolve("beta.jar"));
        Path alpha = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is(beta, alpha);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.broken()).isEmpty();
        assertThat(installed.backends())
                .extracting(
                        InstalledBackends.Backend::name,
                        InstalledBackends.Backend::jar,
                        InstalledBackends.Backend::version,
                        InstalledBackends.Backend::alsoIn)
                .containsExactly(
                        tuple("alpha", alpha.toString(), null, List.of()),
                        tuple("beta", beta.toString(), "2.0", List.of()));
    }

    @Test
    void theNameOfAJarMayHoldAnyCharacter() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("gr\u00f6\u00dfe %41+ b#c!.jar"));
        classPath.is(jar);
        assertThat(InstalledBackends.find().backends())
                .extracting(InstalledBackends.Backend::jar, InstalledBackends.Backend::alsoIn)
                .containsExactly(tuple(jar.toString(), List.of()));
    }

    @Test
    void aDirectoryOfClassesIsAsGoodAsAJar() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path classes = Files.createDirectory(dir.resolve("classes"));
        ProviderJar.unpack(jar, classes);
        classPath.is(classes);
        assertThat(InstalledBackends.find().backends())
                .extracting(InstalledBackends.Backend::jar)
                .containsExactly(classes.toRealPath().toString());
    }

    @Test
    void aClassThatTwoClassLoadersFindIsListedOnce() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        URLClassLoader parent = classPath.is(jar);
        classPath.is(parent, jar);
        assertThat(InstalledBackends.find().backends()).hasSize(1);
        assertThat(InstalledBackends.find().backends().get(0).alsoIn()).isEmpty();
    }

    @Test
    void theLoaderOfMooringIsSearchedWhereThereIsNoContextClassLoader() {
        Thread.currentThread().setContextClassLoader(null);
        assertThat(InstalledBackends.find().broken()).isEmpty();
    }

    @Test
    void anotherJarWithTheSameClassIsSeenThoughServiceLoaderHidesIt() throws Exception {
        Path one = ProviderJar.of("a.Alpha", "alpha").version("1.0").write(dir.resolve("alpha-1.0.jar"));
        Path other = ProviderJar.of("a.Alpha", "alpha").version("1.1").write(dir.resolve("alpha-1.1.jar"));
        classPath.is(one, other);
        assertThat(InstalledBackends.find().backends())
                .extracting(InstalledBackends.Backend::jar, InstalledBackends.Backend::alsoIn)
                .containsExactly(tuple(one.toString(), List.of(other.toString())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "throw new IllegalStateException(\"no disk\");",
                "throw new NoClassDefFoundError(\"lib/Missing\");",
                "throw new UnsatisfiedLinkError(\"libx.so\");",
                "throw new AssertionError();",
                "throw new StackOverflowError();",
                "int x = 1 / (x0() - x0());"
            })
    void aConstructorOrANameThatFailsHidesNoOther(String failing) throws Exception {
        String members = "static int x0() { return 1; }";
        Path constructor = new ProviderJarOf("c.Constructor").failing("return \"c\";", failing, members);
        Path name =
                new ProviderJarOf("n.Name").failing("if (x0() == 1) { " + failing + " } return \"n\";", "", members);
        Path whole = ProviderJar.of("z.Whole", "whole").write(dir.resolve("whole.jar"));
        classPath.is(constructor, name, whole);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends())
                .extracting(InstalledBackends.Backend::name)
                .containsExactly("whole");
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("c.Constructor", constructor.toString()), tuple("n.Name", name.toString()));
        assertThat(installed.broken()).noneMatch(broken -> broken.cause() instanceof ServiceConfigurationError);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "\"\"", "\"Files\"", "\"a b\"", "\"9lives\"", "\"caf\u00e9\"", "\"a\\0\"", "\"snapshot\""
            })
    void aNameThatCannotBeConfiguredIsBroken(String name) throws Exception { // PROV-1
        Path jar = new ProviderJarOf("n.Name").failing("return " + name + ";", "", "");
        classPath.is(jar);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends()).isEmpty();
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("n.Name", jar.toString()));
        assertThat(installed.broken().get(0).cause()).hasMessageContaining("its name is");
    }

    @Test
    void aMissingClassIsBrokenWithTheJarThatRegistersIt() throws Exception {
        Path leftover = ProviderJar.empty().registers("gone.Provider").write(dir.resolve("leftover.jar"));
        Path whole = ProviderJar.of("z.Whole", "whole").write(dir.resolve("whole.jar"));
        classPath.is(leftover, whole);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends()).hasSize(1);
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("gone.Provider", leftover.toString()));
    }

    @Test
    void aMissingSuperclassOrLibraryIsBrokenWithTheRightJar() throws Exception {
        Path[] jars = new Path[3];
        for (int i = 0; i < jars.length; i++) {
            String provider = "p" + i + ".Provider";
            String source = "package p" + i + "; public class Provider extends Base {}";
            String base = "package p" + i + "; public abstract class Base implements dev.mooring.spi.StorageProvider {"
                    + " public String name() { return \"p" + i + "\"; }"
                    + " public java.util.List<dev.mooring.spi.Option> options() { return null; }"
                    + " public dev.mooring.spi.Guarantees guarantees(dev.mooring.spi.Options o) { return null; }"
                    + " public dev.mooring.spi.StorageBackend open(dev.mooring.spi.BackendContext c) { return null; } }";
            ProviderJar jar = ProviderJar.empty()
                    .source("p" + i + ".Base", base)
                    .source(provider, source)
                    .registers(provider);
            jars[i] = (i == 1 ? jar : jar.without("p" + i + ".Base")).write(dir.resolve("p" + i + ".jar"));
        }
        classPath.is(jars);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends())
                .extracting(InstalledBackends.Backend::name)
                .containsExactly("p1");
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("p0.Provider", jars[0].toString()), tuple("p2.Provider", jars[2].toString()));
        assertThat(installed.broken())
                .allSatisfy(broken -> assertThat(broken.cause()).isInstanceOf(NoClassDefFoundError.class));
    }

    @Test
    void aFileThatRegistersNonsenseHidesNoOther() throws Exception {
        Path nonsense = ProviderJar.empty().registers("this is no class name").write(dir.resolve("nonsense.jar"));
        Path noProvider = ProviderJar.empty()
                .source("s.Other", "package s; public class Other {}")
                .registers("s.Other # a comment")
                .write(dir.resolve("other.jar"));
        Path hidden = ProviderJar.empty()
                .source("h.Hidden", "package h; class Hidden {}")
                .registers("h.Hidden")
                .write(dir.resolve("hidden.jar"));
        Path whole = ProviderJar.of("z.Whole", "whole").write(dir.resolve("whole.jar"));
        classPath.is(nonsense, noProvider, hidden, whole);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends())
                .extracting(InstalledBackends.Backend::name)
                .containsExactly("whole");
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::jar)
                .containsExactlyInAnyOrder(nonsense.toString(), noProvider.toString(), hidden.toString());
    }

    @Test
    void aDamagedClassFileHidesNoOther() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path classes = Files.createDirectory(dir.resolve("classes"));
        ProviderJar.unpack(jar, classes);
        Files.write(classes.resolve("a/Alpha.class"), new byte[100]);
        Path whole = ProviderJar.of("z.Whole", "whole").write(dir.resolve("whole.jar"));
        classPath.is(classes, whole);
        InstalledBackends installed = InstalledBackends.find();
        assertThat(installed.backends()).hasSize(1);
        assertThat(installed.broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("a.Alpha", classes.toRealPath().toString()));
    }

    @Test
    void aClassOfANewerJavaIsBrokenAndSaysSo() throws Exception {
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        Path classes = Files.createDirectory(dir.resolve("classes"));
        ProviderJar.unpack(jar, classes);
        Path file = classes.resolve("a/Alpha.class");
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] = (byte) 200; // major version
        Files.write(file, bytes);
        classPath.is(classes);
        assertThat(InstalledBackends.find().broken())
                .extracting(
                        InstalledBackends.Broken::provider,
                        broken -> broken.cause().getClass())
                .containsExactly(tuple("a.Alpha", UnsupportedClassVersionError.class));
    }

    @Test
    void anUnreadableJarHidesNoOther() throws Exception {
        Path garbage = Files.write(dir.resolve("garbage.jar"), new byte[1000]);
        Path whole = ProviderJar.of("z.Whole", "whole").write(dir.resolve("whole.jar"));
        classPath.is(garbage, dir.resolve("absent.jar"), whole);
        assertThat(InstalledBackends.find().backends()).hasSize(1);
    }

    @Test
    void aClassLoaderThatAlwaysFailsEndsTheSearch() {
        Thread.currentThread().setContextClassLoader(new ClassLoader(StorageConfig.class.getClassLoader()) {
            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                throw new FileNotFoundException("the deployment was removed");
            }
        });
        assertThat(InstalledBackends.find().broken())
                .singleElement()
                .satisfies(broken -> assertThat(broken.cause()).hasMessage("the deployment was removed"));
        Thread.currentThread().setContextClassLoader(new ClassLoader(StorageConfig.class.getClassLoader()) {
            @Override
            public Enumeration<URL> getResources(String name) {
                throw new IllegalStateException("the class loader is closed");
            }
        });
        assertThat(InstalledBackends.find().broken())
                .singleElement()
                .satisfies(broken -> assertThat(broken.cause()).hasMessage("the class loader is closed"));
    }

    @Test
    void aProviderInAModuleIsFoundOnce() throws Exception {
        Path module = ProviderJar.empty()
                .provider("a.Alpha", "alpha")
                .source(
                        "module-info",
                        "module m.alpha { requires dev.mooring.spi;"
                                + " provides dev.mooring.spi.StorageProvider with a.Alpha; }")
                .write(dir.resolve("alpha.jar"));
        Path main = ProviderJar.empty()
                .source(
                        "main.Main",
                        "package main; public class Main { public static void main(String[] args) {"
                                + " System.out.println(dev.mooring.InstalledBackends.find()); } }")
                .write(dir.resolve("main.jar"));
        Path output = dir.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-p",
                        ProviderJar.spi() + File.pathSeparator + module,
                        "--add-modules",
                        "m.alpha",
                        "-cp",
                        main.toString(),
                        "main.Main")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(java.waitFor()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(output))
                .containsOnlyOnce("Backend[")
                .contains("name=alpha", "jar=" + module + ",", "alsoIn=[]]", "broken=[]");
    }

    /** Another copy of Mooring, as in a container that gives each application its own. */
    @Test
    void aProviderOfAnotherCopyOfMooringIsNotOurs() throws Exception {
        Path spi = Files.createDirectory(dir.resolve("spi"));
        ProviderJar.copyOfSpi(spi);
        Path jar = ProviderJar.of("a.Alpha", "alpha").write(dir.resolve("alpha.jar"));
        classPath.is((ClassLoader) null, spi, jar);
        assertThat(InstalledBackends.find().broken())
                .extracting(InstalledBackends.Broken::provider, InstalledBackends.Broken::jar)
                .containsExactly(tuple("a.Alpha", jar.toString()));
    }

    private final class ProviderJarOf {
        private final String className;

        ProviderJarOf(String className) {
            this.className = className;
        }

        Path failing(String nameBody, String constructorBody, String members) throws IOException {
            Path jar = dir.resolve(className + ".jar");
            Files.deleteIfExists(jar);
            return ProviderJar.empty()
                    .provider(className, nameBody, constructorBody, members)
                    .write(jar);
        }
    }
}
