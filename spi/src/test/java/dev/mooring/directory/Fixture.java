// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.directory.DataDirectory.FirstOpening;
import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Storages and directories that the tests of this package tell their stories with. */
final class Fixture {

    /** A backend that makes two files, one of them in a directory of its own. */
    static final FirstOpening ENGINE = (data, storageId) -> {
        write(data.resolve("engine"), storageId.toString());
        StableFile.createDirectories(data.resolve("log"));
        write(data.resolve("log").resolve("1"), "nothing yet");
    };

    private Fixture() {}

    static DataDirectory open(Path directory) throws IOException {
        return open(directory, null);
    }

    static DataDirectory open(Path directory, @Nullable String node) throws IOException {
        return DataDirectory.open(new Request(directory, node, "files", true, true), ENGINE);
    }

    static DataDirectory open(Request request) throws IOException {
        return DataDirectory.open(request, ENGINE);
    }

    /** A storage that saw changes 1 to {@code sequence} and was closed. */
    static Path closedStorage(Path directory, long sequence) throws IOException {
        try (DataDirectory opened = open(directory)) {
            opened.beginChanges();
            opened.mark(sequence);
            opened.markCleanEnd(sequence);
        }
        return directory;
    }

    /** Every file and directory with its contents; {@code LOCK} is not read, that could unlock it. */
    static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.toList()) {
                boolean readable = Files.isRegularFile(path) && !path.endsWith("LOCK");
                contents.put(
                        directory.relativize(path).toString(),
                        readable ? Files.size(path) + " bytes " + Arrays.hashCode(Files.readAllBytes(path)) : "");
            }
        }
        return contents;
    }

    private static void write(Path file, String text) throws IOException {
        try (StableFile opened = StableFile.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            opened.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        }
    }
}
