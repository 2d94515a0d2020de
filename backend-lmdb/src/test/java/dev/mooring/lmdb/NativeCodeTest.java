// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading the native code: on which JVMs it works, and what is said where it does not. */
class NativeCodeTest {

    @TempDir
    Path directory;

    @Test
    void needsNoFlagOfTheJvm() throws Exception {
        assertEndsWell(new Child(), "savesAndReads");
    }

    @Test
    void worksWhereUnsafeMemoryAccessIsDenied() throws Exception {
        assertEndsWell(new Child().with("--sun-misc-unsafe-memory-access=deny"), "savesAndReads");
    }

    @Test
    void worksOnAThreadWithoutAContextClassLoader() throws Exception {
        assertEndsWell(new Child(), "opensWithoutContextClassLoader");
    }

    @Test // READ-3
    void worksOnAThreadThatIsInterrupted() throws Exception {
        assertEndsWell(new Child(), "opensInterrupted");
    }

    @Test
    void namesTheFlagWhereNativeAccessIsDenied() throws Exception {
        boolean canBeDenied = Runtime.version().feature() >= 24; // JEP 472
        assertEndsWell(
                new Child().with("--illegal-native-access=deny"),
                canBeDenied ? "isRefusedWithTheFlagsName" : "savesAndReads");
    }

    @Test
    void namesThePlatformThatItHasNoLibraryFor() throws Exception {
        assertEndsWell(new Child().with("-Dos.arch=sparc"), "isRefusedWithThePlatformsName");
    }

    @Test
    void namesTheRemedyWhereTheTemporaryDirectoryForbidsExecution() throws Exception {
        assertEndsWell(withoutExecution(), "isRefusedWithTheRemedy");
    }

    @Test
    void worksWhereThatRemedyIsTaken() throws Exception {
        Path libraries = Files.createDirectory(directory.resolve("libraries"));
        Child child =
                withoutExecution().with("-Dlmdbjava.extract.dir=" + libraries).with("-Djffi.extract.dir=" + libraries);
        assertEndsWell(child, "savesAndReads");
    }

    @Test
    void aProviderLoadsNoNativeCode() throws Exception { // PROV-2
        assertEndsWell(new Child().with("-Dlmdbjava.native.lib=/nowhere/liblmdb.so"), "providesWithoutTheLibrary");
    }

    @Test
    void anotherFileSystemThanTheDefaultOneIsRefused() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("disk.zip"), Map.of("create", "true"))) {
            assertThatThrownBy(() -> Stores.open(zip.getPath("/data")))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContaining("'files'");
        }
    }

    /** A child whose temporary directory forbids execution. */
    private Child withoutExecution() throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("noexec"));
        String mount = "mount -t tmpfs -o noexec none " + temporary; // seen by the child alone
        assumeTrue(
                new ProcessBuilder("unshare", "-Urm", "sh", "-c", mount).start().waitFor() == 0,
                "a child may not mount a file system of its own");
        return new Child()
                .under("unshare", "-Urm", "sh", "-c", mount + " && exec \"$@\"", "sh")
                .with("-Djava.io.tmpdir=" + temporary);
    }

    private void assertEndsWell(Child child, String method) throws IOException, InterruptedException {
        Child.End end = child.run(getClass(), method, directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void savesAndReads(Path directory) throws IOException {
        try (StorageBackend backend = Stores.open(directory.resolve("data"))) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 20, 3000)));
            assertThat(Stores.read(backend, "g", 0, 19)).hasSize(20);
        }
    }

    static void opensWithoutContextClassLoader(Path directory) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                savesAndReads(directory);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.setContextClassLoader(null);
        thread.start();
        thread.join();
        assertThat(thrown.get()).isNull();
        assertThat(thread.getContextClassLoader()).isNull();
    }

    static void opensInterrupted(Path directory) throws Exception {
        Thread.currentThread().interrupt();
        savesAndReads(directory);
        assertThat(Thread.interrupted()).isTrue();
        savesAndReads(directory.resolve("again"));
    }

    static void isRefusedWithTheFlagsName(Path directory) {
        assertThatThrownBy(() -> Stores.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("--enable-native-access=ALL-UNNAMED");
    }

    static void isRefusedWithTheRemedy(Path directory) {
        for (int i = 0; i < 2; i++) { // the second failure of a class is another one than the first
            assertThatThrownBy(() -> Stores.open(directory.resolve("data")))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContainingAll(
                            directory.resolve("noexec").toString(), "-Dlmdbjava.extract.dir", "-Djffi.extract.dir");
        }
    }

    static void isRefusedWithThePlatformsName(Path directory) {
        for (int i = 0; i < 2; i++) { // the second failure of a class is another one than the first
            assertThatThrownBy(() -> Stores.open(directory))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContaining("sparc")
                    .hasMessageContaining("'files'");
        }
        providesWithoutTheLibrary(directory);
    }

    static void providesWithoutTheLibrary(Path directory) {
        List<StorageProvider> found = ServiceLoader.load(StorageProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        assertThat(found).extracting(StorageProvider::name).contains("lmdb");
        assertThat(found).allSatisfy(provider -> assertThat(provider.options()).isNotNull());
        assertThatThrownBy(() -> Stores.open(directory, Map.of(), 0, true))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(System.getProperty("os.name"), "musl", "'gcompat'");
    }
}
