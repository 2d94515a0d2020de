// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAULT-4: a process that may open no more files is told so, loses nothing, and can go on when it may again. */
class OpenFilesTest {

    private static final int MOST = 40;

    @TempDir
    Path directory;

    @Test
    void tooManyAreSaidToBeTooMany() throws Exception {
        Child.End end = new Child()
                .under("sh", "-c", "ulimit -n 256 && exec \"$@\"", "sh")
                .run(getClass(), "opensWithFewLeft", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void opensWithFewLeft(Path data) throws Exception {
        loadAllBeside(LmdbStorageProvider.class);
        loadAllBeside(StorageBackend.class);
        try (StorageBackend backend = Stores.open(data)) { // and with it the native library
            backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 100)));
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
        boolean failed = false;
        boolean opened = false;
        for (int left = 0; left < MOST && !opened; left++) {
            Deque<Closeable> others = openAll();
            for (int i = 0; i < left; i++) {
                others.pop().close();
            }
            try {
                Stores.open(data, Map.of(), 1, left % 2 == 0).close();
                opened = true;
            } catch (IOException e) {
                failed = true;
                assertThat(e.toString()).contains(data.toString()).containsIgnoringCase("too many open files");
            } finally {
                while (!others.isEmpty()) {
                    others.pop().close();
                }
            }
        }
        assertThat(failed && opened).isTrue();
        try (StorageBackend backend = Stores.open(data, Map.of(), 1, false)) {
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
    }

    /** In a build classes are files, and to load one takes one more. */
    private static void loadAllBeside(Class<?> one) throws Exception {
        Path root =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".class")).toList()) {
                    String name = root.relativize(file).toString().replace('/', '.');
                    if (!name.startsWith("module-info")) {
                        Class.forName(name.substring(0, name.length() - ".class".length()));
                    }
                }
            }
        }
    }

    private static Deque<Closeable> openAll() {
        Deque<Closeable> opened = new ArrayDeque<>();
        try {
            while (opened.size() < 1000) {
                opened.push(FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ));
            }
            throw new AssertionError("there is no limit");
        } catch (IOException full) {
            if (opened.isEmpty()) {
                throw new UncheckedIOException(full);
            }
            return opened;
        }
    }
}
