// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy.custom;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A durable backend that is none of Mooring's own, with no ambition: all in memory, and a file of all changes that is read
 * from its beginning when it is opened, and never gets shorter (so REL-3 does not hold). A change is
 * {@code length:4 | CRC-32C:4 | group by group}, forced before it counts.
 */
final class JournalBackend implements StorageBackend {

    private static final int HEAD_BYTES = 8;
    private static final int SAVE = 1;
    private static final int SNAPSHOT = 2;
    private static final int RELEASE = 3;
    private static final int DROP = 4;

    private final Map<String, Group> groups = new HashMap<>();
    private final Path path;
    private final StableFile file;
    private long end;
    private long sequence;

    JournalBackend(Path directory) throws IOException {
        path = directory.resolve("journal");
        file = StableFile.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static final class Group {
        private HardState hardState = HardState.INITIAL;
        private SnapshotPointer snapshot;
        private ByteBuffer attachment;
        private long firstIndex;
        private final TreeMap<Long, Entry> entries = new TreeMap<>();

        private GroupState state() {
            long lastIndex = entries.isEmpty() ? firstIndex - 1 : entries.lastKey();
            return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
        }
    }

    @Override
    public synchronized Loaded load() throws IOException {
        byte[] all = Files.readAllBytes(path);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(all));
        while (in.available() >= HEAD_BYTES) {
            int length = in.readInt();
            int checksum = in.readInt();
            if (length <= 0 || length > in.available()) {
                break; // the last change, cut off: never acknowledged
            }
            byte[] body = in.readNBytes(length);
            if (crc(body) != checksum) {
                break;
            }
            apply(body);
            end += HEAD_BYTES + length;
        }
        file.truncate(end);
        file.write(ByteBuffer.wrap(all, 0, (int) end), 0); // what is seen may be the page cache alone (CRASH-4)
        file.force();
        Map<String, GroupState> states = new HashMap<>();
        groups.forEach((name, group) -> states.put(name, group.state()));
        return new Loaded(sequence, states);
    }

    @Override
    public synchronized void saveEntries(long newSequence, List<Update> updates) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(SAVE);
        out.writeLong(newSequence);
        out.writeInt(updates.size());
        for (Update update : updates) {
            write(out, update);
        }
        change(bytes);
    }

    @Override
    public synchronized void saveSnapshot(long newSequence, Update update, SnapshotPointer snapshot)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(SNAPSHOT);
        out.writeLong(newSequence);
        write(out, update);
        write(out, snapshot.encode(update.group()));
        change(bytes);
    }

    @Override
    public synchronized void releaseLock(String group, long index) throws IOException {
        named(RELEASE, index, group);
    }

    @Override
    public synchronized void drop(long newSequence, String group) throws IOException {
        named(DROP, newSequence, group);
    }

    @Override
    public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
        for (Entry entry : entries(name, first, last)) {
            if (!visitor.visit(entry)) {
                return;
            }
        }
    }

    private synchronized List<Entry> entries(String name, long first, long last) {
        Group group = groups.get(name);
        return group == null
                ? List.of()
                : new ArrayList<>(group.entries.subMap(first, true, last, true).values());
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }

    private static int crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body, 0, body.length);
        return (int) crc.getValue();
    }

    private void named(int kind, long number, String group) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(kind);
        out.writeLong(number);
        out.writeUTF(group);
        change(bytes);
    }

    private void change(ByteArrayOutputStream bytes) throws IOException {
        byte[] body = bytes.toByteArray();
        ByteBuffer change = ByteBuffer.allocate(HEAD_BYTES + body.length);
        file.write(change.putInt(body.length).putInt(crc(body)).put(body).flip(), end);
        file.force();
        end += HEAD_BYTES + body.length;
        apply(body);
    }

    private void apply(byte[] body) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
        int kind = in.readByte();
        long number = in.readLong();
        if (kind == RELEASE) {
            Group group = groups.get(in.readUTF());
            if (group != null && number >= group.firstIndex) {
                group.entries.headMap(number, true).clear();
                group.firstIndex = number + 1;
            }
            return;
        }
        sequence = number;
        if (kind == DROP) {
            groups.remove(in.readUTF());
        } else if (kind == SNAPSHOT) {
            String name = in.readUTF();
            Group group = update(name, in);
            group.snapshot = SnapshotPointer.decode(name, buffer(in));
            if (group.entries.isEmpty()) {
                group.firstIndex = group.snapshot.index() + 1;
            }
        } else {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                update(in.readUTF(), in);
            }
        }
    }

    private static void write(DataOutputStream out, Update update) throws IOException {
        out.writeUTF(update.group());
        Long truncateFrom = update.truncateFrom();
        out.writeLong(truncateFrom == null ? Long.MAX_VALUE : truncateFrom);
        HardState hardState = update.hardState();
        write(out, hardState == null ? ByteBuffer.allocate(0) : hardState.encode(update.group()));
        ByteBuffer attachment = update.attachment();
        out.writeBoolean(attachment != null);
        if (attachment != null) {
            write(out, attachment.duplicate());
        }
        out.writeInt(update.entries().size());
        for (Entry entry : update.entries()) {
            out.writeLong(entry.index());
            out.writeLong(entry.term());
            out.writeInt(entry.checksum());
            write(out, entry.payload().duplicate());
        }
    }

    private Group update(String name, DataInputStream in) throws IOException {
        Group group = groups.computeIfAbsent(name, added -> new Group());
        group.entries.tailMap(in.readLong(), true).clear();
        ByteBuffer hardState = buffer(in);
        if (hardState.hasRemaining()) {
            group.hardState = HardState.decode(name, hardState);
        }
        if (in.readBoolean()) {
            group.attachment = buffer(in);
        }
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            Entry entry = new Entry(in.readLong(), in.readLong(), in.readInt(), buffer(in));
            if (group.entries.isEmpty()) {
                group.firstIndex = entry.index();
            }
            group.entries.put(entry.index(), entry);
        }
        return group;
    }

    private static void write(DataOutputStream out, ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.writeInt(copy.length);
        out.write(copy);
    }

    private static ByteBuffer buffer(DataInputStream in) throws IOException {
        return ByteBuffer.wrap(in.readNBytes(in.readInt()));
    }
}
