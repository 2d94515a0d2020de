// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A storage's snapshots on a real file system, and the words its tests use. */
abstract class SnapshotTest {

    static final UUID STORAGE = new UUID(0x1234, 0x5678);

    @TempDir
    Path data;

    final List<Path> undeleted = Collections.synchronizedList(new ArrayList<>());
    Path root;
    SnapshotFiles snapshots;

    @BeforeEach
    void openSnapshots() {
        root = data.resolve("snapshots");
        snapshots = reopened();
    }

    SnapshotFiles reopened() {
        return new SnapshotFiles(root, STORAGE, (path, cause) -> undeleted.add(path));
    }

    static SnapshotPointer pointer(long index, long term, long id) {
        return new SnapshotPointer(index, term, false, id);
    }

    SnapshotPointer publish(StagedSnapshot staged, long index, long term, long id) throws IOException {
        staged.seal(index, term, id);
        snapshots.publish(staged);
        return pointer(index, term, id);
    }

    static void fill(StagedSnapshot staged, String name, byte[] content) throws IOException {
        try (OutputStream out = staged.newFile(name)) {
            out.write(content);
        }
    }

    static byte[] read(PublishedSnapshot snapshot, String name) throws IOException {
        try (InputStream in = snapshot.open(name)) {
            return in.readAllBytes();
        }
    }

    /** Bytes that are never all zero and differ by position. */
    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static List<String> paths(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> !path.equals(directory))
                    .map(path -> directory.relativize(path).toString())
                    .toList();
        }
    }
}
