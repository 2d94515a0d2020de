// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * Provokes every kind of message that an engine or an operator can meet on {@code files}, and holds them against
 * {@code docs/messages.md}, so that they are read together and a change of one is seen. Run with
 * {@code -Dmessages.rewrite=true} to write the page anew.
 */
class MessagesTest {

    private static final Path PAGE = Path.of("..", "docs", "messages.md");

    private final Map<String, List<String>> sections = new LinkedHashMap<>();
    private SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);

    @Test
    void thePageShowsWhatIsSaid() throws Exception {
        mistakes();
        configuration();
        directory();
        faults();
        damage();
        assertThat(sections.get("Corrupted")).allSatisfy(MessagesTest::advisesFirstWhatIsSafe);
        String page = page();
        if (Boolean.getBoolean("messages.rewrite")) {
            Files.writeString(PAGE, page);
        }
        assertThat(page)
                .as("docs/messages.md; -Dmessages.rewrite=true writes it anew")
                .isEqualTo(Files.readString(PAGE));
    }

    private void mistakes() throws Exception {
        try (RaftStorage storage = RaftStorage.open(config())) {
            RaftGroup group = storage.group("orders");
            provoke("A group's name", () -> storage.group("orders/7"));
            provoke("A new log that does not begin at 0 or 1", () -> group.append(run(5, 5, 0)));
            group.saveEntries(new TermAndVote(4, "n1"), run(1, 9, 3));
            group.commitIndex(5);
            provoke("A gap", () -> group.append(run(12, 12, 3)));
            provoke("A gap within one call", () -> group.append(List.of(entry(10, 3), entry(12, 3))));
            provoke("A falling term", () -> group.append(run(10, 10, 2)));
            provoke("A term above the current one", () -> group.append(run(10, 10, 5)));
            provoke("A current term that goes back", () -> group.saveEntries(new TermAndVote(3, null), List.of()));
            provoke("A second vote", () -> group.saveEntries(new TermAndVote(4, "n2"), List.of()));
            provoke("A write below the commit index", () -> group.append(run(4, 4, 3)));
            provoke("A truncation below the commit index", () -> group.truncateFrom(5));
            provoke("A truncation beyond the log", () -> group.truncateFrom(20));
            provoke("A commit index above the log", () -> group.commitIndex(10));
            provoke("An oversized payload", () -> group.append(List.of(LogEntry.of(10, 3, new byte[2000]))));
            provoke("An oversized attachment", () -> group.attach(ByteBuffer.allocate(70_000)));
            provoke("A read beyond the log", () -> group.read(3, 30, 1, found -> true));
            provoke("A release without a snapshot", () -> group.releaseLock(3));
            provoke("A snapshot that contradicts the log", () -> group.recordSnapshot(4, 4));
            group.recordSnapshot(6, 3);
            provoke("A release above the snapshot", () -> group.releaseLock(7));
            provoke("A snapshot of the same index and another term", () -> group.recordSnapshot(6, 4));
            group.releaseLock(6);
            provoke("Compacted: a read of released entries", () -> group.read(2, 8, 1, found -> true));
            storage.drop("orders");
            provoke("Failed: a call on a dropped group", () -> group.sync());
            provoke("Locked: the directory is open already", () -> RaftStorage.open(config()));
        }
    }

    private void configuration() throws Exception {
        StorageConfig plain =
                StorageConfig.of(Map.of()).withDirectory(disk.root().resolve("new"));
        provoke("Refused: an unknown backend", () -> RaftStorage.open(plain.with("mooring.backend", "fils")));
        provoke("Refused: an unknown property", () -> RaftStorage.open(plain.with("mooring.durabilty", "volatile")));
        provoke("Refused: an unknown option", () -> RaftStorage.open(plain.with("mooring.files.segment-size", "1MiB")));
        provoke(
                "Refused: a value out of bounds",
                () -> RaftStorage.open(plain.with("mooring.files.segment-bytes", "7")));
        provoke("Refused: a value that is none", () -> RaftStorage.open(plain.with("mooring.snapshot.retain", "two")));
        provoke("Refused: no directory", () -> RaftStorage.open(StorageConfig.of(Map.of("mooring.backend", "files"))));
        provoke("Refused: a node's name", () -> RaftStorage.open(plain.with("mooring.node", "../n1")));
        provoke("Refused: an empty directory", () -> RaftStorage.open(plain.with("mooring.create", "never")));
    }

    private void directory() throws Exception {
        RaftStorage.open(config().with("mooring.node", "n1")
                        .withDirectory(disk.root().resolve("shared")))
                .close();
        provoke(
                "Refused: nodes live here",
                () -> RaftStorage.open(config().withDirectory(disk.root().resolve("shared"))));
        provoke("Refused: a storage lives here", () -> RaftStorage.open(config().with("mooring.node", "n2")));
        Path foreign = Files.createDirectories(disk.root().resolve("foreign"));
        Files.writeString(foreign.resolve("thesis.txt"), "mine");
        provoke("Refused: foreign files", () -> RaftStorage.open(config().withDirectory(foreign)));
        Path file = Files.writeString(disk.root().resolve("file"), "x");
        provoke("Refused: not a directory", () -> RaftStorage.open(config().withDirectory(file)));
        Path identity = disk.root().resolve("storage/IDENTITY");
        String text = Files.readString(identity);
        Files.writeString(identity, sealed(text.replace("format=1", "format=2")));
        provoke("Refused: a newer format", () -> RaftStorage.open(config()));
        Files.writeString(identity, sealed(text.replace("backend=files", "backend=lmdb")));
        provoke("Refused: another backend", () -> RaftStorage.open(config()));
        Files.writeString(identity, text.replace("backend=files", "backend=lmdb"));
        provoke("Corrupted: IDENTITY was changed", () -> RaftStorage.open(config()));
        Files.writeString(identity, text);
        Path mark = Files.writeString(
                identity.resolveSibling("MIGRATION"), "mooring migrate --from /old --to /new --backend files");
        provoke("Refused: a migration that was killed", () -> RaftStorage.open(config()));
        Files.delete(mark);
    }

    /** With the checksum that belongs to it. */
    private static String sealed(String identity) {
        String body = identity.substring(0, identity.lastIndexOf("crc32c="));
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        return body + String.format("crc32c=%08x%n", crc.getValue());
    }

    private void faults() throws Exception {
        newStorage();
        try (RaftStorage storage = RaftStorage.open(config())) {
            RaftGroup group = storage.group("orders");
            disk.inject(Fault.once(Operation.READ, 1, Failure.EIO));
            provoke("Failed: a read that the disk refuses", () -> group.read(30, 40, 1 << 20, found -> true));
        }
        disk = SimulatedDisk.create(2, DiskModel.STRICT);
        try (RaftStorage storage = RaftStorage.open(config())) {
            storage.group("orders").saveEntries(null, run(1, 3, 0));
            disk.inject(Fault.from(Operation.FORCE, 1, Failure.EIO));
            provoke("Failed: a sync that fails", () -> storage.group("orders").saveEntries(null, run(4, 4, 0)));
            provoke(
                    "Failed: every change afterwards",
                    () -> storage.group("other").saveEntries(null, run(1, 1, 0)));
            provoke(
                    "Failed: a read above the durable index",
                    () -> storage.group("orders").get(4));
        }
        disk.heal();
        RaftStorage closed = RaftStorage.open(config());
        closed.close();
        try (RaftStorage storage = RaftStorage.open(config())) {
            disk.limitBytes(disk.usedBytes());
            provoke("The disk is full", () -> fill(storage.group("orders")));
        }
        provoke("The disk is still full at the next opening", () -> RaftStorage.open(config()));
        disk.heal();
        disk.limitOpenFiles(2);
        provoke("Too many open files", () -> RaftStorage.open(config()));
        disk.heal();
        disk.inject(Fault.from(Operation.OPEN, 1, Failure.EACCES));
        provoke("A permission that is missing", () -> RaftStorage.open(config()));
        disk.heal();
        provoke("Failed: a call on a closed storage", () -> closed.group("orders"));
        disk.readOnly();
        provoke("Refused: a read-only disk", () -> RaftStorage.open(config()));
    }

    private static void fill(RaftGroup group) throws IOException {
        for (long index = group.lastIndex() + 1; index < 1_000; index++) {
            group.saveEntries(null, List.of(LogEntry.of(index, 0, new byte[1000])));
        }
    }

    private void damage() throws Exception {
        newStorage();
        try (RaftStorage storage = RaftStorage.open(config())) {
            RaftGroup group = storage.group("orders");
            flip(data("segment"), 20_000);
            provoke("Corrupted: a changed byte, met by a read", () -> group.read(21, 50, 1 << 20, found -> true));
            provoke("Corrupted: every call on its group afterwards", group::sync);
        }
        newStorage();
        flip(data("segment"), 20);
        provoke("Corrupted: the header of a segment", () -> RaftStorage.open(config()));
        newStorage();
        flip(data("MANIFEST"), 20);
        provoke("Corrupted: a changed manifest", () -> RaftStorage.open(config()));
        newStorage();
        Files.delete(data("MANIFEST"));
        provoke("Corrupted: a missing manifest", () -> RaftStorage.open(config()));
        newStorage();
        Path mark = disk.root().resolve("storage/MARK");
        Files.write(mark, new byte[(int) Files.size(mark)]); // it bears one changed byte
        provoke("Corrupted: a changed mark", () -> RaftStorage.open(config()));
        newStorage();
        flip(data("segment"), 9_000);
        provoke("Corrupted: a changed byte in the middle of the log", () -> RaftStorage.open(config()));
        newStorage();
        Files.delete(data("segment"));
        provoke("Corrupted: a missing segment", () -> RaftStorage.open(config()));
        newStorage();
        Files.delete(disk.root().resolve("storage/MARK"));
        provoke("Corrupted: a missing mark", () -> RaftStorage.open(config()));
        newStorage();
        Path old = disk.root().resolve("old");
        copy(disk.root().resolve("storage/data"), old);
        try (RaftStorage storage = RaftStorage.open(config())) {
            storage.group("orders").saveEntries(null, run(51, 99, 3));
        }
        delete(disk.root().resolve("storage/data"));
        copy(old, disk.root().resolve("storage/data"));
        provoke("Corrupted: an old copy of the data", () -> RaftStorage.open(config()));
        newStorage();
        try (Stream<Path> files = Files.walk(disk.root().resolve("storage/snapshots"))) {
            flip(files.filter(file -> file.endsWith("data")).findFirst().orElseThrow(), 3);
        }
        try (RaftStorage storage = RaftStorage.open(config())) {
            provoke("Corrupted: the only snapshot is damaged", () -> storage.group("orders"));
        }
    }

    /** Fifty entries, and a snapshot behind which the log was released. */
    private void newStorage() throws IOException {
        disk = SimulatedDisk.create(3, DiskModel.STRICT);
        try (RaftStorage storage = RaftStorage.open(config())) {
            RaftGroup group = storage.group("orders");
            for (int i = 1; i <= 50; i++) {
                group.saveEntries(new TermAndVote(3, null), List.of(LogEntry.of(i, 3, new byte[500])));
            }
            try (SnapshotWriter writer = group.newSnapshot()) {
                try (var file = writer.newFile("data")) {
                    file.write(new byte[100]);
                }
                writer.commit(20, 3);
            }
            group.releaseLock(20);
        }
    }

    /**
     * An old backup in a cluster that has gone on forgets votes and entries that were acknowledged, and the directory is
     * evidence: docs/operations.md and docs/errors.md say so, and a message does not say otherwise.
     */
    private static void advisesFirstWhatIsSafe(String message) {
        assertThat(message).doesNotContain("remove it");
        int backup = message.indexOf("backup");
        if (backup >= 0) {
            assertThat(message.substring(0, backup)).containsAnyOf("new member", "from its peers");
        }
    }

    // ---- the page ----

    private void provoke(String what, Call call) throws Exception {
        try {
            call.run();
        } catch (IllegalArgumentException | StorageException e) {
            String kind = e instanceof StorageException ? e.getClass().getSimpleName() : "IllegalArgumentException";
            assertThat(what).matches(said -> !said.contains(": ") || said.startsWith(kind + ": "), "kind " + kind);
            sections.computeIfAbsent(kind, first -> new ArrayList<>())
                    .add("**" + capitalised(what.replaceFirst("^" + kind + ": ", "")) + ".** "
                            + normal(String.valueOf(e.getMessage())));
            return;
        }
        throw new AssertionError("nothing was thrown: " + what);
    }

    private static String capitalised(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** Takes out what differs from run to run. */
    private static String normal(String message) {
        return message.replaceAll("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", "<storage id>")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "<time>")
                .replaceAll("(stored|computed) [0-9a-f]{8}", "$1 <crc>")
                // the background meets a full disk beside one save or another
                .replaceAll("(while saving group 'orders' entry) \\d{2,}", "$1 <index>")
                .replaceAll("process \\d+( on [^ ,;.)]+)?", "process <pid>")
                .replaceAll("\\([^()]*, started <time>\\)", "(<command>, started <time>)")
                .replaceAll("host [^ ,;.)]+", "host <host>")
                .replaceAll("the user '[^']*'", "the user '<user>'")
                .replaceAll("\\([^()]*\\.jar[^()]*\\)|\\([^()]*target/classes[^()]*\\)", "(<jar>)")
                .replaceAll("[^ '(]*target/classes/?", "<jar>")
                .replaceAll("[^ '(]*\\.jar", "<jar>");
    }

    private String page() {
        StringBuilder page = new StringBuilder("""
                # Messages

                What storage says, on the backend `files` in the directory `/storage`, in one place to read through. A test
                provokes each of them and compares it with this page. What to do is in [errors.md](errors.md). Every error that
                the kit provokes, thousands of them by faults and damage at every place, is in
                `target/mooring-tck/mooring-tck-NAME-messages.md` of the module after each run of the kit.
                """);
        sections.forEach((kind, messages) -> {
            page.append("\n## ").append(kind).append("\n\n");
            messages.forEach(message -> page.append("- ").append(message).append('\n'));
        });
        return page.toString();
    }

    // ---- helpers ----

    private StorageConfig config() {
        return StorageConfig.of(Map.of(
                        "mooring.backend", "files",
                        "mooring.files.segment-bytes", "64KiB",
                        "mooring.snapshot.retain", "1",
                        "mooring.max-payload-bytes", "1000"))
                .withDirectory(disk.root().resolve("storage"));
    }

    private static LogEntry entry(long index, long term) {
        return LogEntry.of(index, term, ("entry " + index).getBytes(StandardCharsets.UTF_8));
    }

    private static List<LogEntry> run(long first, long last, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(entry(index, term));
        }
        return entries;
    }

    private Path data(String part) throws IOException {
        try (Stream<Path> files = Files.list(disk.root().resolve("storage/data"))) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(Path file, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 1;
        Files.write(file, bytes);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.write(to.resolve(file.getFileName().toString()), Files.readAllBytes(file));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }
}
