// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LIFE-4: one process, and in it one storage, has a directory open. */
final class DirectoryLockTest {

    private static final String THIS_PROCESS =
            "process " + ProcessHandle.current().pid() + " (";

    @TempDir
    Path directory;

    @Test
    void anotherProcessIsRefusedAndToldWhoHoldsIt() throws Exception {
        try (DataDirectory opened = Fixture.open(directory)) {
            String answer = answerOfAnother();
            assertThat(answer)
                    .contains(
                            "StorageException$Locked", directory.toString(), THIS_PROCESS, "since 20", "Deleting LOCK");
            opened.beginChanges();
            assertThat(answerOfAnother()).contains("StorageException$Locked"); // the first refusal harmed nothing
        }
        assertThat(answerOfAnother()).isEqualTo("open");
    }

    @Test
    void aHolderInAnotherProcessIsNamedAndAKillFreesTheDirectory() throws Exception {
        try (ChildJvm child = ChildJvm.opening(directory)) {
            assertThat(child.answer()).isEqualTo("open");
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContainingAll("process " + child.pid() + " (", "LockHolderMain", "on host ");
            child.kill();
        }
        assertThat(directory.resolve("LOCK.holder")).isNotEmptyFile(); // stale, and harmless
        Fixture.open(directory).close();
    }

    @Test
    void aSecondClassLoaderOfTheSameProcessIsRefused() throws Exception {
        try (DataDirectory opened = Fixture.open(directory);
                URLClassLoader other = otherLoader()) {
            Class<?> fixture = Class.forName(Fixture.class.getName(), true, other);
            Method open = fixture.getDeclaredMethod("open", Path.class);
            open.setAccessible(true);
            assertThat(fixture).isNotSameAs(Fixture.class);
            assertThatThrownBy(() -> open.invoke(null, directory))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessageContainingAll("is open in this process already", THIS_PROCESS)
                    .matches(cause -> cause.getClass().getName().equals(StorageException.Locked.class.getName()));
            opened.beginChanges();
            assertThat(answerOfAnother()).contains("StorageException$Locked");
        }
        Fixture.open(directory).close();
    }

    @Test
    void lostSystemPropertiesDoNotGiveTheDirectoryAway() throws Exception {
        Properties properties = System.getProperties();
        try (DataDirectory opened = Fixture.open(directory)) {
            Properties others = new Properties();
            properties.stringPropertyNames().stream()
                    .filter(name -> !name.startsWith("dev.mooring.directory."))
                    .forEach(name -> others.setProperty(name, properties.getProperty(name)));
            System.setProperties(others);
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContaining("this process");
            opened.beginChanges();
            assertThat(answerOfAnother()).contains("StorageException$Locked"); // the second channel was not closed
        } finally {
            System.setProperties(properties);
        }
    }

    @Test
    void aLinkToTheDirectoryIsTheSameDirectory() throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), root);
        try (DataDirectory opened = Fixture.open(link)) {
            assertThat(opened.root()).isEqualTo(root.toRealPath());
            assertThatThrownBy(() -> Fixture.open(root)).isInstanceOf(StorageException.Locked.class);
            assertThatThrownBy(() -> Fixture.open(directory.resolve("link/../root")))
                    .isInstanceOf(StorageException.Locked.class);
        }
        Fixture.open(root).close();
    }

    @Test
    void anInterruptedThreadOpensMarksAndClosesAsAnyOther() throws Exception {
        Thread.currentThread().interrupt();
        try (DataDirectory opened = Fixture.open(directory)) {
            opened.beginChanges();
            opened.mark(3);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(answerOfAnother()).contains("StorageException$Locked");
            opened.mark(4);
            Thread.currentThread().interrupt();
            opened.markCleanEnd(5);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        try (DataDirectory again = Fixture.open(directory)) {
            assertThat(again.provenSequence()).isEqualTo(5);
        }
    }

    @Test
    void withoutFileKeysAndLocksTheRegistryHoldsAlone() throws IOException {
        Path plain = HookedFileSystem.plain(directory);
        try (DataDirectory opened = Fixture.open(plain)) {
            assertThatThrownBy(() -> Fixture.open(plain)).isInstanceOf(StorageException.Locked.class);
            opened.beginChanges();
        }
        Fixture.open(plain).close();
    }

    @Test
    void theSameDirectorySeenThroughAnotherFileSystemIsRefused() throws Exception {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {});
        try (DataDirectory opened = Fixture.open(directory)) {
            assertThatThrownBy(() -> Fixture.open(hooked)).isInstanceOf(StorageException.Locked.class);
            opened.beginChanges();
            assertThat(answerOfAnother()).contains("StorageException$Locked");
        }
        Fixture.open(hooked).close();
    }

    @Test
    void aFileSystemThatFailsToLockIsRefused() throws IOException {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.LOCK) {
                throw new IOException("No locks available");
            }
        });
        assertThatThrownBy(() -> Fixture.open(hooked))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("LOCK can not be locked", "No locks available", "NFS");
        Fixture.open(directory).close();
    }

    @Test
    void everyFailureOfAnOpeningLetsGoOfTheLock() throws IOException {
        Fixture.closedStorage(directory, 4);
        int operations = 0;
        boolean failed = true;
        while (failed) {
            int[] left = {operations++};
            Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
                if (left[0]-- == 0) {
                    throw new FileSystemException(path.toString(), null, "too bad");
                }
            });
            try {
                Fixture.open(hooked).close();
                failed = left[0] < 0 && operations < 1000; // a fault that was borne, such as of the holder's file
            } catch (StorageException e) {
                assertThat(e).isNotInstanceOf(StorageException.Locked.class);
            }
            Fixture.open(directory).close();
        }
        assertThat(operations).isBetween(20, 999);
    }

    @Test
    void aFailingBackendLetsGoOfTheLock() throws IOException {
        Request request = new Request(directory, null, "files", true, true);
        assertThatThrownBy(() -> DataDirectory.open(request, (data, id) -> {
                    throw new IllegalStateException("no native library");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> DataDirectory.open(request, (data, id) -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        Fixture.open(directory).close();
    }

    @Test
    void whatTheHolderFileSaysDoesNotMatter() throws Exception {
        Path holder = directory.resolve("LOCK.holder");
        Files.write(holder, new byte[1 << 20]);
        Fixture.open(directory).close();
        Files.writeString(holder, "pid=1\nlocked-at=\u001b[31m\u00e9\npid=2\nno key\n");
        try (ChildJvm child = ChildJvm.opening(directory)) {
            assertThat(child.answer()).isEqualTo("open");
            Files.writeString(holder, "pid=1\nlocked-at=\u001b[31m\u00e9\npid=2\nno key\n");
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContaining("process 1 (unknown, started unknown)")
                    .message()
                    .matches("\\p{ASCII}+")
                    .doesNotContain("\u001b");
            Files.delete(holder);
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContaining("a process that has not said who it is");
        }
    }

    /** A migration that reads locks and writes nothing: to stop the process named there would stop somebody else. */
    @Test
    void whoLeftTheHolderFileAndEndedIsNotTakenForTheHolder() throws Exception {
        long ended;
        try (ChildJvm child = ChildJvm.opening(directory)) {
            assertThat(child.answer()).isEqualTo("open");
            ended = child.pid();
        }
        Path holder = directory.resolve("LOCK.holder");
        String left = Files.readString(holder);
        try (ChildJvm child = ChildJvm.locking(directory)) {
            assertThat(child.answer()).isEqualTo("locked");
            refusedByOneThatIsNotNamed(ended);
            // its number may have been given to another process since
            long reused = ProcessHandle.current().pid();
            Files.writeString(
                    holder,
                    left.replace("pid=" + ended + "\n", "pid=" + reused + "\n")
                            .replaceFirst("process-started=.*", "process-started=2001-01-01T00:00:00Z"));
            refusedByOneThatIsNotNamed(reused);
            // of another machine nobody knows what runs there
            Files.writeString(holder, left.replaceFirst("host=.*", "host=elsewhere"));
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContainingAll("process " + ended + " (", "on host elsewhere", "Stop that one");
        }
    }

    private void refusedByOneThatIsNotNamed(long pid) {
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Locked.class)
                .hasMessageContainingAll(
                        "has not said who it is",
                        "LOCK.holder names process " + pid + ", which no longer runs here",
                        "Wait for its end")
                .hasMessageNotContaining("Stop that");
    }

    @Test
    void theHolderSaysNoArguments() throws Exception {
        try (DataDirectory opened = Fixture.open(directory)) {
            assertThat(directory.resolve("LOCK.holder"))
                    .content(StandardCharsets.US_ASCII)
                    .hasSize(1024)
                    .contains("pid=" + ProcessHandle.current().pid() + "\n", "host=", "node=\n")
                    .doesNotContain(directory.toString());
            assertThat(opened.created()).isTrue();
        }
    }

    @Test // DAMAGE-4
    void whatIsInPlaceOfALockFileIsRefusedWithoutOpeningIt() throws IOException {
        for (String name : List.of("LOCK", "LOCK.holder")) {
            Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "keep");
            Path root = Files.createDirectory(directory.resolve("root-" + name));
            Files.createSymbolicLink(root.resolve(name), elsewhere);
            assertThatThrownBy(() -> Fixture.open(root))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContaining(name + " is not a regular file");
            assertThat(elsewhere).content().isEqualTo("keep");
            Files.delete(root.resolve(name));
            Files.createDirectory(root.resolve(name));
            assertThatThrownBy(() -> Fixture.open(root)).isInstanceOf(StorageException.Refused.class);
            Files.delete(root.resolve(name));
            Fixture.open(root).close();
        }
    }

    private String answerOfAnother() throws IOException {
        try (ChildJvm child = ChildJvm.opening(directory)) {
            return child.answer();
        }
    }

    /** Defines every class of ours anew instead of asking its parent. */
    private static URLClassLoader otherLoader() throws IOException {
        URL[] urls = {
            ChildJvm.classPathEntry(DataDirectory.class).toUri().toURL(),
            ChildJvm.classPathEntry(Fixture.class).toUri().toURL()
        };
        return new URLClassLoader(urls, DirectoryLockTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (!name.startsWith("dev.mooring.")) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        };
    }
}
