// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAULT-4: what the system does not let be written is said, with path and reason; nothing is lost, and work goes on. */
class DeniedTest {

    private static final byte[] PAYLOAD = new byte[20_000];
    private static final int MORE_THAN_FITS = 1_000;
    private static final List<String> WITHOUT_POWERS_OF_ROOT = List.of("unshare", "-U", "true");

    static {
        new Random(4).nextBytes(PAYLOAD);
    }

    @TempDir
    Path directory;

    @Test
    void aReadOnlyFileSystemIsSaidToBeReadOnly() throws Exception {
        String mount = "mount -t tmpfs none " + directory; // seen by the child alone
        List<String> probe = List.of("unshare", "-Urm", "sh", "-c", mount);
        endsWell("aFileSystemTurnsReadOnly", probe, "unshare", "-Urm", "sh", "-c", mount + " && exec \"$@\"", "sh");
    }

    static void aFileSystemTurnsReadOnly(Path storage) throws Exception {
        Path data = storage.resolve("data");
        String[] mount = {"sh", "-c", "mount --bind " + data + " " + data + " && mount -o remount,bind,ro " + data};
        isToldAndLosesNothing(storage, "read-only file system", () -> run(mount), () -> run("umount", data.toString()));
    }

    @Test
    void aDeniedPermissionIsSaidToBeDenied() throws Exception {
        endsWell("permissionsAreTakenAway", WITHOUT_POWERS_OF_ROOT, "unshare", "-U");
    }

    static void permissionsAreTakenAway(Path storage) throws Exception {
        Path data = storage.resolve("data");
        isToldAndLosesNothing(
                storage, "permission denied", () -> permit(data, "r-x", "r--"), () -> permit(data, "rwx", "rw-"));
    }

    @Test
    void aDirectoryThatCanNotBeSearchedIsNotTakenForEmpty() throws Exception {
        endsWell("theDirectoryCanNotBeSearched", WITHOUT_POWERS_OF_ROOT, "unshare", "-U");
    }

    static void theDirectoryCanNotBeSearched(Path storage) throws Exception {
        StorageConfig config = config(storage);
        try (RaftStorage opened = RaftStorage.open(config)) {
            saveUpTo(opened, 5);
        }
        permit(storage.resolve("data"), "r--", "rw-"); // names are seen, and nothing of what they name
        isRefused(config, storage, "permission denied");
        permit(storage.resolve("data"), "rwx", "rw-");
        try (RaftStorage opened = RaftStorage.open(config)) {
            assertThat(opened.group("g").lastIndex()).isEqualTo(5);
        }
    }

    /** Denied while it is open, at the opening after that end, and at one after a clean end. */
    private static void isToldAndLosesNothing(Path directory, String reason, Step deny, Step allow) throws Exception {
        StorageConfig config = config(directory);
        long saved;
        try (RaftStorage storage = RaftStorage.open(config)) {
            saveUpTo(storage, 5);
            deny.run();
            assertThatThrownBy(() -> saveUpTo(storage, MORE_THAN_FITS))
                    .isInstanceOf(StorageException.Failed.class)
                    .satisfies(failed -> isClear(failed, directory, reason));
            saved = storage.group("g").durableIndex();
            assertThat(saved).isBetween(5L, MORE_THAN_FITS - 1L);
        }
        isRefused(config, directory, reason);
        allow.run();
        try (RaftStorage storage = RaftStorage.open(config)) {
            assertThat(storage.group("g").lastIndex()).isBetween(saved, saved + 1); // the one that failed may be there
            saved = saveUpTo(storage, saved + 5);
        }
        deny.run();
        isRefused(config, directory, reason);
        allow.run();
        try (RaftStorage storage = RaftStorage.open(config)) {
            assertThat(storage.group("g").lastIndex()).isEqualTo(saved);
            saveUpTo(storage, saved + 5);
        }
    }

    private static StorageConfig config(Path directory) {
        return StorageConfig.of(Map.of("mooring.backend", "lmdb", "mooring.lmdb.file-bytes", "256KiB"))
                .withDirectory(directory);
    }

    private static void isRefused(StorageConfig config, Path directory, String reason) {
        assertThatThrownBy(() -> RaftStorage.open(config).close())
                .isInstanceOf(StorageException.class)
                .isNotInstanceOf(StorageException.Corrupted.class)
                .satisfies(refused -> isClear(refused, directory, reason));
    }

    private static void isClear(Throwable thrown, Path directory, String reason) {
        assertThat(thrown)
                .message()
                .contains(directory.resolve("data").toString())
                .containsIgnoringCase(reason);
    }

    /** Checks what is there and adds to it. */
    private static long saveUpTo(RaftStorage storage, long last) throws IOException {
        RaftGroup group = storage.group("g");
        for (long index = 1; index <= group.lastIndex(); index++) {
            assertThat(group.get(index)).isEqualTo(LogEntry.of(index, 1, PAYLOAD));
        }
        group.saveEntries(new TermAndVote(1, "n1"), List.of());
        for (long index = group.lastIndex() + 1; index <= last; index++) {
            group.saveEntries(null, List.of(LogEntry.of(index, 1, PAYLOAD)));
        }
        return last;
    }

    private static void permit(Path data, String ofDirectory, String ofFiles) throws IOException {
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        List<Path> files = new ArrayList<>();
        try (Stream<Path> list = Files.list(data)) {
            list.forEach(files::add);
        }
        for (Path file : files) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(ofFiles + "------"));
        }
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString(ofDirectory + "------"));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private void endsWell(String method, List<String> probe, String... child) throws Exception {
        assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "a child may have no namespace of its own");
        Child.End end = new Child().under(child).run(getClass(), method, directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }
}
