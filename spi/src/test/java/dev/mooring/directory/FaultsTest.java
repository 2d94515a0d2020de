// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.hooks.FileHook;
import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** FAULT-4: what is wrong with a directory, where, and what to do. */
final class FaultsTest {

    @TempDir
    Path directory;

    @Test
    void aFileInPlaceOfTheDirectoryIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "mine");
        assertThatThrownBy(() -> Fixture.open(file))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(file.toString(), "not a directory", "Set mooring.directory");
        assertThatThrownBy(() -> Fixture.open(file, "n1"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(file.toString(), "ot a directory");
        assertThatThrownBy(() -> Fixture.open(file.resolve("a/b")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(file.toString(), "ot a directory");
        assertThat(file).content().isEqualTo("mine");
    }

    @Test
    void aLinkThatLeadsNowhereIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("unmounted"));
        assertThatThrownBy(() -> Fixture.open(link))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(link + " is a link to " + directory.resolve("unmounted"), "is mounted");
        assertThatThrownBy(() -> Fixture.open(link.resolve("below")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(link + " is a link to " + directory.resolve("unmounted"), "is mounted");
        assertThat(directory.resolve("unmounted")).doesNotExist();
    }

    @Test
    void aLinkInACircleIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("link"));
        assertThatThrownBy(() -> Fixture.open(link))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(link.toString(), "Mend the link");
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"READ_ATTRIBUTES", "LIST", "CREATE", "CREATE_DIRECTORY", "MOVE"})
    void aPermissionDeniedIsRefused(Operation denied) {
        assertThatThrownBy(() -> Fixture.open(failing(denied, new AccessDeniedException("/the/file"))))
                .isInstanceOf(StorageException.Refused.class)
                .hasCauseInstanceOf(AccessDeniedException.class)
                .hasMessageContainingAll(
                        directory.toString(),
                        "/the/file: permission denied",
                        "Give the user '" + System.getProperty("user.name"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"CREATE", "OPEN", "LIST"})
    void tooManyOpenFilesIsRefused(Operation operation) throws IOException {
        if (operation == Operation.OPEN) {
            Fixture.open(directory).close();
        }
        FileSystemException fault = new FileSystemException("/the/file", null, "Too many open files");
        assertThatThrownBy(() -> Fixture.open(failing(operation, fault)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory.toString(), "Too many open files", "ulimit -n");
    }

    @Test
    void aReadOnlyFileSystemIsRefused() {
        FileSystemException fault = new FileSystemException("/the/file", null, "Read-only file system");
        assertThatThrownBy(() -> Fixture.open(failing(Operation.CREATE, fault)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(
                        directory.toString(), "Read-only file system", "Mount the file system for writing");
        FileHook hook = (operation, path) -> {
            if (operation == Operation.CREATE) {
                throw new ReadOnlyFileSystemException();
            }
        };
        assertThatThrownBy(() -> Fixture.open(HookedFileSystem.over(directory, hook)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory.toString(), "read-only file system");
    }

    @Test // FAULT-3
    void aFullDiskIsRefusedOrFailsAndAfterSpaceIsFreedItGoesOn() throws IOException {
        FileSystemException full = new FileSystemException("/the/file", null, "No space left on device");
        assertThatThrownBy(() -> Fixture.open(failing(Operation.CREATE_DIRECTORY, full)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory.toString(), "No space left on device", "Free space");
        IOException midway = new IOException("No space left on device");
        assertThatThrownBy(() -> Fixture.open(failing(Operation.WRITE, midway)))
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContainingAll(directory.toString(), "No space left on device", "Free space");
        Fixture.open(directory).close();
    }

    @Test // FAULT-3
    void aStorageOpensOnAFullDisk() throws IOException {
        Fixture.closedStorage(directory, 3);
        Path full = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.CREATE || operation == Operation.CREATE_DIRECTORY) {
                throw new FileSystemException(path.toString(), null, "No space left on device");
            }
        });
        try (DataDirectory opened = Fixture.open(full)) {
            opened.beginChanges();
            opened.mark(4); // in place: needs no new block
            opened.markCleanEnd(4);
        }
    }

    @Test
    void anErrorOfTheDiskFails() throws IOException {
        Fixture.closedStorage(directory, 3);
        assertThatThrownBy(() -> Fixture.open(failing(Operation.READ, new IOException("Input/output error"))))
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContainingAll(directory.toString(), "Input/output error", "system's log");
    }

    @Test
    void theRealPermissionsAreRefused() throws Exception {
        Path closed = Files.createDirectory(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        for (Path path : List.of(closed, closed.resolve("a"))) {
            assertThat(answerWithoutPrivileges(path))
                    .contains("StorageException$Refused", path + " can not be opened: " + path, ": permission denied");
        }
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }

    /** Root passes every check of permissions, so as root this asks a process of another user. */
    private String answerWithoutPrivileges(Path path) throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            try (ChildJvm child = ChildJvm.opening(path)) {
                return child.answer();
            }
        }
        Path command = Path.of("/usr/bin/setpriv");
        assumeTrue(Files.isExecutable(command), "not run: this is root, and there is no " + command + " to be another");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ChildJvm child =
                ChildJvm.opening(path, command.toString(), "--reuid=65534", "--regid=65534", "--clear-groups")) {
            String answer = child.answer();
            assumeTrue(!answer.equals("null"), "not run: another user may not read the classes of this build");
            return answer;
        }
    }

    private Path failing(Operation failing, IOException fault) {
        return HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == failing) {
                throw fault;
            }
        });
    }
}
