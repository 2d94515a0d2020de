// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.StorageConfig;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceCopyTest {

    private static final StorageConfig CONFIG = StorageConfig.of(Map.of("mooring.backend", "files"));

    @TempDir
    private Path directory;

    @Test
    void holesStayHoles() throws Exception {
        Path from = Files.createDirectory(directory.resolve("holes"));
        byte[] bytes = new byte[1_000_000];
        bytes[300_000] = 1;
        Files.write(from.resolve("ends in zeros"), bytes);
        Files.write(from.resolve("all zeros"), new byte[65_537]);
        Files.write(from.resolve("empty"), new byte[0]);
        Files.write(from.resolve("no zeros"), "text".getBytes(UTF_8));
        Path to = directory.resolve("copy");
        long[] copied = new long[1];
        SourceCopy copy = new SourceCopy(from, to);
        copy.run(more -> copied[0] += more);
        assertThat(copied[0]).isEqualTo(copy.bytes()).isEqualTo(1_000_000 + 65_537 + 4);
        for (String name : FileTree.names(from)) {
            assertThat(to.resolve(name)).hasSameBinaryContentAs(from.resolve(name));
        }
        assertThat(FileTree.names(to)).isEqualTo(FileTree.names(from));
        assertThat(usedKib(to.resolve("ends in zeros"))).isLessThan(usedKib(from.resolve("ends in zeros")) / 4);
    }

    /** What a file takes on the disk; the JDK tells its length only. */
    private static long usedKib(Path file) throws IOException {
        Process du = new ProcessBuilder("du", "-k", file.toString()).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes(), UTF_8).split("\\s", 2)[0]);
    }

    /** It is of no use to another user of the machine, wherever it lies. */
    @Test
    void theCopyOfTheSourceIsItsOwnersAlone() throws IOException {
        SampleStorage.fill(CONFIG.withDirectory(directory.resolve("a")), 10);
        Path copy = Files.createDirectory(directory.resolve("open to all")).resolve("copy");
        new SourceCopy(directory.resolve("a").toRealPath(), copy).run(more -> {});
        try (Stream<Path> all = Files.walk(copy)) {
            for (Path path : all.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as("%s", path)
                        .endsWith("------");
            }
        }
    }

    /** A storage's directory may be a mount point; what the file system keeps there is root's alone. */
    @Test
    void whatTheFileSystemKeepsInItsRootIsNotCopied() throws IOException {
        Path from = Files.createDirectory(directory.resolve("a")).toRealPath();
        Files.writeString(from.resolve("MARK"), "1234");
        Files.createDirectory(from.resolve("lost+found"));
        Files.writeString(from.resolve("lost+found/#12"), "half a file");
        Path to = directory.resolve("copy");
        SourceCopy copy = new SourceCopy(from, to);
        assertThat(copy.bytes()).isEqualTo(4);
        copy.run(more -> {});
        assertThat(FileTree.names(to)).containsExactly("MARK");
    }

    @Test
    void whatWouldNotEndIsRefused() throws Exception {
        Path from = Files.createDirectory(directory.resolve("a")).toRealPath();
        SourceCopy copy = new SourceCopy(from, directory.resolve("copy"));
        Path loop = Files.createSymbolicLink(from.resolve("loop"), from);
        assertThatThrownBy(copy::bytes).isInstanceOf(UserError.class).hasMessageContaining(loop + " is a link");
        Files.delete(loop);
        Path pipe = from.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(copy::bytes).isInstanceOf(UserError.class).hasMessageContaining(pipe + " is no file");
    }
}
