// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.StorageConfig;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that a storage holds, as lines that are equal where the contents are. */
public final class StorageContent {

    private final List<String> lines = new ArrayList<>();

    private StorageContent() {}

    public static List<String> of(StorageConfig config) throws IOException {
        StorageContent content = new StorageContent();
        try (RaftStorage storage = RaftStorage.open(config)) {
            for (String name : storage.groups()) {
                content.add(storage.group(name));
            }
        }
        return content.lines;
    }

    /** Every file of a directory with its bytes and its time: a directory that is equal was not written to. */
    public static Map<String, String> files(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                String bytes = Files.isRegularFile(path) ? digest(ByteBuffer.wrap(Files.readAllBytes(path))) : "";
                files.put(root.relativize(path).toString(), Files.getLastModifiedTime(path) + " " + bytes);
            }
        }
        return files;
    }

    private void add(RaftGroup group) throws IOException {
        ByteBuffer attachment = group.attachment();
        lines.add(group.name() + ": " + group.termAndVote() + ", commit index " + group.commitIndex() + ", attachment "
                + (attachment == null ? "none" : digest(attachment)) + ", entries " + group.firstIndex() + ".."
                + group.lastIndex());
        SnapshotPointer newest = group.snapshot();
        lines.add(newest == null ? "no snapshot" : newest.index() + " " + newest.term() + " " + newest.external());
        group.read(group.firstIndex(), group.lastIndex(), Long.MAX_VALUE, entry -> {
            lines.add(entry.index() + " " + entry.term() + " " + entry.payloadBytes() + " " + digest(entry.payload()));
            return true;
        });
        for (SnapshotPointer pointer : group.snapshots()) {
            try (Snapshot snapshot = group.openSnapshot(pointer)) {
                add(snapshot);
            }
        }
    }

    private void add(Snapshot snapshot) throws IOException {
        lines.add("snapshot " + snapshot.index() + " " + snapshot.term() + " " + snapshot.configuration());
        for (String name : snapshot.files().keySet()) {
            byte[] bytes = snapshot.open(name).readAllBytes();
            lines.add(name + " " + bytes.length + " " + digest(ByteBuffer.wrap(bytes)));
        }
    }

    private static String digest(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
