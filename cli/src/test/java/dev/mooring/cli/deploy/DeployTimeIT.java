// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.cli.deploy.Application.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One application jar; which backend it runs on is decided where it is started, with the jars that are shipped. */
class DeployTimeIT {

    @TempDir
    private static Path compiled;

    private static Application application;

    @TempDir
    private Path directory;

    @BeforeAll
    static void compile() throws IOException {
        application = Application.compile(compiled);
    }

    static List<String> backendNames() {
        return Jars.backendNames();
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void aBackendThatIsAloneNeedsNoName(String name) throws Exception {
        runsOn(name, onClassPath(Jars.engines(), List.of(Jars.backend(name))).run());
    }

    @Test
    void filesNeedsNothingBesideTheSpi() throws Exception {
        runsOn("files", onClassPath(List.of(), List.of(Jars.backend("files"))).run());
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void ofSeveralTheConfiguredOneIsUsedWhateverTheOrder(String name) throws Exception {
        List<Path> backends = new ArrayList<>(Jars.allBackends());
        assertThat(backends).hasSizeGreaterThan(2);
        runsOn(name, onClassPath(Jars.engines(), backends).backend(name).run());
        Collections.reverse(backends);
        Ended again = onClassPath(Jars.engines(), backends)
                .variable("MOORING_BACKEND", name)
                .run();
        assertThat(again.status()).as("%s", again).isZero();
        assertThat(again.out()).startsWith(name + " keeps an order at 1"); // the second one, in the same directory
    }

    @Test
    void severalWithoutANameAreRefused() throws Exception {
        Ended ended = onClassPath(Jars.engines(), Jars.allBackends()).run();
        refused(ended, "mooring.backend is not set", "mooring.backend=files", "mooring.backend=rocksdb");
        for (Path jar : Jars.allBackends()) {
            assertThat(ended.err()).contains(jar.toString());
        }
    }

    @Test
    void noneIsRefusedWithWhatToAdd() throws Exception {
        refused(
                onClassPath(Jars.engines(), List.of()).run(),
                "No backend is installed",
                "mooring-backend-files",
                "mooring.backend=files");
        refused(onClassPath(Jars.engines(), List.of()).backend("lmdb").run(), "'lmdb'", "No backend is installed");
    }

    @Test
    void twoJarsOfOneNameAreRefusedInEitherOrderAlsoWhenNamed() throws Exception {
        Path copy = Files.copy(Jars.backend("files"), directory.resolve("files-of-yesterday.jar"));
        Path foreign = CustomBackend.named("files", directory.resolve("foreign.jar"), directory);
        for (Path other : List.of(copy, foreign)) {
            List<Path> both = new ArrayList<>(List.of(Jars.backend("files"), other));
            for (int order = 0; order < 2; order++) {
                refused(
                        onClassPath(List.of(), both).backend("files").run(),
                        "'files' is installed 2 times",
                        Jars.backend("files").toString(),
                        other.toString(),
                        "remove all but one");
                Collections.reverse(both);
            }
        }
    }

    @Test
    void aBrokenProviderDoesNotHideAGoodOneAndIsNamed() throws Exception {
        Path broken = new SourceJar().registers("gone.Provider").write(directory.resolve("broken.jar"), directory);
        Ended ended =
                onClassPath(List.of(), List.of(broken, Jars.backend("files"))).run();
        runsOn("files", ended);
        assertThat(ended.err()).contains("gone.Provider", broken.toString());
    }

    @Test
    void nothingButABrokenProviderIsRefused() throws Exception {
        Path broken = new SourceJar().registers("gone.Provider").write(directory.resolve("broken.jar"), directory);
        refused(
                onClassPath(List.of(), List.of(broken)).run(),
                "No backend that can be used is installed",
                broken.toString());
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void aBackendWithoutItsEngineDoesNotHideAGoodOne(String name) throws Exception {
        List<Path> jars =
                name.equals("files") ? List.of(Jars.backend(name)) : List.of(Jars.backend(name), Jars.backend("files"));
        runsOn("files", onClassPath(List.of(), jars).backend("files").run());
    }

    static List<String> nativeBackendNames() {
        return Jars.backendNames().stream()
                .filter(name -> !name.equals("files"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("nativeBackendNames")
    void aBackendWithoutItsEngineIsRefusedAndLeavesNoBeginningOfAStorage(String name) throws Exception {
        refusedToStart(
                onClassPath(List.of(), List.of(Jars.backend(name))).run(),
                Jars.backend(name).toString());
        assertThat(Jars.in(directory.resolve("data"))).containsExactly("LOCK", "LOCK.holder");
        runsOn("files", onClassPath(List.of(), List.of(Jars.backend("files"))).run()); // it is as good as empty
    }

    @ParameterizedTest
    @ValueSource(strings = {"rocksdb", "lmdb"})
    void onAPlatformThatTheEngineDoesNotCoverItIsRefusedByNameAndOthersWork(String name) throws Exception {
        List<Path> both = List.of(Jars.backend(name), Jars.backend("files"));
        refusedToStart(
                onClassPath(Jars.engines(), both)
                        .onMachine("sparc")
                        .backend(name)
                        .run(),
                "native library can not be loaded on " + System.getProperty("os.name") + " sparc",
                "'files'");
        runsOn(
                "files",
                onClassPath(Jars.engines(), both)
                        .onMachine("sparc")
                        .backend("files")
                        .run());
    }

    @Test
    void aValueThatDoesNotFitIsRefusedBeforeAnythingIsThere() throws Exception {
        List<Path> backends = List.of(Jars.backend("files"));
        refused(
                onClassPath(List.of(), backends)
                        .variable("MOORING_FILES_SEGMENT_BYTES", "many")
                        .run(),
                "MOORING_FILES_SEGMENT_BYTES");
        refused(
                onClassPath(List.of(), backends)
                        .variable("MOORING_DURABILITY", "some")
                        .run(),
                "MOORING_DURABILITY");
    }

    @Test
    void aBackendWithoutItsEngineSaysWhatIsMissingAndWorksOnceThatIsThere() throws Exception {
        List<Path> both = List.of(Jars.backend("rocksdb"), Jars.backend("files"));
        refusedToStart(
                onClassPath(List.of(), both).backend("rocksdb").run(),
                Jars.backend("rocksdb").toString(),
                "org/rocksdb/",
                "one of its jars");
        runsOn(
                "rocksdb",
                onClassPath(List.of(Jars.rocksDb()), both).backend("rocksdb").run());
    }

    @Test
    void anUnknownNameSaysWhatThereIsAndWhatWasMeant() throws Exception {
        List<Path> both = List.of(Jars.backend("files"), Jars.backend("rocksdb"));
        refused(
                onClassPath(List.of(Jars.rocksDb()), both).backend("rocksbd").run(),
                "'rocksbd'",
                "system property",
                "Did you mean mooring.backend=rocksdb?");
        refused(
                onClassPath(List.of(Jars.rocksDb()), both)
                        .variable("MOORING_BACKEND", "oracle")
                        .run(),
                "'oracle'",
                "MOORING_BACKEND",
                Jars.backend("files").toString(),
                "mooring.backend=files or mooring.backend=rocksdb");
    }

    @Test
    void anotherBackendIsRefusedTheDirectoryOfTheFirst() throws Exception {
        List<Path> both = List.of(Jars.backend("files"), Jars.backend("rocksdb"));
        runsOn(
                "files",
                onClassPath(List.of(Jars.rocksDb()), both).backend("files").run());
        Ended ended =
                onClassPath(List.of(Jars.rocksDb()), both).backend("rocksdb").run();
        refusedToStart(ended, "'files'", "'rocksdb'", "vote twice");
        Ended again = onClassPath(List.of(), List.of(Jars.backend("files"))).run();
        assertThat(again.out()).as("%s", again).startsWith("files keeps an order at 1");
    }

    @Test
    void filesAndRocksDbAreFoundOnTheModulePath() throws Exception {
        Ended files = application
                .onModulePath(directory, List.of(Jars.spi(), Jars.backend("files")), List.of())
                .run();
        runsOn("files", files);
        assertThat(files.out()).contains("module dev.mooring.spi");
        List<Path> both = List.of(Jars.spi(), Jars.backend("files"), Jars.backend("rocksdb"), Jars.rocksDb());
        Path other = Files.createDirectory(directory.resolve("other"));
        Ended rocksDb = application
                .onModulePath(other, both, List.of())
                .backend("rocksdb")
                .run();
        runsOn("rocksdb", rocksDb);
        assertThat(rocksDb.out()).contains("module dev.mooring.spi");
        refusedToStart(
                application.onModulePath(other, both, List.of()).run(),
                "mooring.backend=files or mooring.backend=rocksdb");
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void anApplicationThatIsAModuleTakesBackendsFromTheClassPath(String name) throws Exception {
        Ended ended = application
                .onModulePath(directory, List.of(Jars.spi()), Jars.with(Jars.backend(name), Jars.engines()))
                .run();
        runsOn(name, ended);
        assertThat(ended.out()).contains("module dev.mooring.spi");
    }

    @Test
    void aSecondCopyOfTheSpiBesideABackendDoesNoHarm() throws Exception {
        Path copy = Files.copy(Jars.spi(), directory.resolve("spi-that-came-along.jar"));
        runsOn(
                "files",
                onClassPath(List.of(), List.of(copy, Jars.backend("files"))).run());
        Path other = Files.createDirectory(directory.resolve("other"));
        runsOn(
                "files",
                application
                        .onModulePath(other, List.of(Jars.spi()), List.of(copy, Jars.backend("files")))
                        .run());
    }

    @Test
    void noneOnTheModulePathIsRefused() throws Exception {
        refused(
                application
                        .onModulePath(directory, List.of(Jars.spi()), List.of())
                        .run(),
                "No backend is installed");
    }

    private Application.Start onClassPath(List<Path> libraries, List<Path> backends) {
        List<Path> jars = new ArrayList<>(backends);
        jars.add(Jars.spi());
        jars.addAll(libraries);
        return application.onClassPath(directory, jars);
    }

    private static void runsOn(String name, Ended ended) {
        assertThat(ended.status()).as("%s", ended).isZero();
        assertThat(ended.out()).startsWith(name + " keeps an order at 0");
    }

    /** Refused before anything on disk was touched. */
    private void refused(Ended ended, String... reasons) {
        refusedToStart(ended, reasons);
        assertThat(directory.resolve("data")).doesNotExist();
    }

    private static void refusedToStart(Ended ended, String... reasons) {
        assertThat(ended.status()).as("%s", ended).isOne();
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("StorageException$Refused").contains(reasons);
    }
}
