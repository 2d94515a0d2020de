// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first part of a manifest: whose snapshot it is, its configuration, and its files. Big-endian:
 *
 * <pre>
 *   0  magic:8             "MOORSNAP"
 *   8  version:4           1
 *  12  CRC-32C:4           over the 12 bytes before; these 16 bytes stay as they are in every version
 *  16  headBytes:4         length of the head, from the magic to its own CRC-32C
 *  20  blockBytes:4        65536
 *  24  storageId:16
 *  40  index:8             lastIncludedIndex
 *  48  term:8              lastIncludedTerm
 *  56  id:8
 *  64  groupBytes:4        1 to 64, then the group's name
 *      configurationBytes:4   -1: none, else 0 to 65536, then the configuration
 *      files:4             0 to 65536, then for each, in ascending order of names:
 *        nameBytes:4       1 to 128, then the name
 *        fileBytes:8
 *      CRC-32C:4           over all of the head before it
 * </pre>
 *
 * @param pointer index, term and id
 * @param configuration read-only; null if none
 * @param files in ascending order of names
 * @param checksum the CRC-32C at its end
 */
record ManifestHead(
        UUID storageId,
        String group,
        SnapshotPointer pointer,
        @Nullable ByteBuffer configuration,
        List<ListedFile> files,
        int checksum) {

    static final int MAX_CONFIGURATION_BYTES = 64 * 1024;
    static final int MAX_FILES = 65_536;
    static final int VERSION = 1;

    static final int PREAMBLE_BYTES = 8 + 4 + 4;
    static final int MIN_BYTES = PREAMBLE_BYTES + 4 + 4 + 16 + 3 * 8 + 4 + 1 + 4 + 4 + 4;

    private static final long MAGIC = 0x4d4f4f52534e4150L; // "MOORSNAP"
    private static final int MAX_GROUP_BYTES = 64;
    private static final int MAX_NAME_BYTES = 128;
    private static final int MAX_BYTES =
            MIN_BYTES + MAX_GROUP_BYTES + MAX_CONFIGURATION_BYTES + MAX_FILES * (4 + MAX_NAME_BYTES + 8);
    private static final int NO_CONFIGURATION = -1;

    /** The head as bytes, ready to be read, for a manifest that is written now. */
    static ByteBuffer encode(
            UUID storageId,
            String group,
            SnapshotPointer pointer,
            @Nullable ByteBuffer configuration,
            List<ListedFile> files) {
        byte[] groupName = group.getBytes(StandardCharsets.US_ASCII);
        int configurationBytes = configuration == null ? 0 : configuration.remaining();
        int headBytes = MIN_BYTES - 1 + groupName.length + configurationBytes;
        for (ListedFile file : files) {
            headBytes += 4 + file.name().length() + 8;
        }
        ByteBuffer head = ByteBuffer.allocate(headBytes);
        head.putLong(MAGIC).putInt(VERSION);
        head.putInt(crc(head, 0, head.position()));
        head.putInt(headBytes).putInt(Blocks.BLOCK_BYTES);
        head.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        head.putLong(pointer.index()).putLong(pointer.term()).putLong(pointer.id());
        head.putInt(groupName.length).put(groupName);
        if (configuration == null) {
            head.putInt(NO_CONFIGURATION);
        } else {
            head.putInt(configurationBytes).put(configuration.duplicate());
        }
        head.putInt(files.size());
        for (ListedFile file : files) {
            byte[] name = file.name().getBytes(StandardCharsets.US_ASCII);
            head.putInt(name.length).put(name).putLong(file.bytes());
        }
        head.putInt(crc(head, 0, head.position()));
        return head.flip();
    }

    /** Checksum at the end of an encoded head. */
    static int checksum(ByteBuffer head) {
        return head.getInt(head.limit() - 4);
    }

    /**
     * Length of the head, learned from its first bytes.
     *
     * @param start the first {@link #MIN_BYTES} of the file
     * @param fileBytes length of the manifest, which the head can not exceed
     * @throws StorageException.Refused if a later version wrote it
     */
    static int length(ByteBuffer start, long fileBytes, Path file, Damage damage) throws StorageException {
        if (start.getLong(0) != MAGIC || start.getInt(12) != crc(start, 0, 12)) {
            throw damage.at(file, 0, "this is not the beginning of a manifest");
        }
        int version = start.getInt(8);
        if (version > VERSION) {
            throw new StorageException.Refused(file + " has format version " + version + ", this release reads up to "
                    + VERSION + ". Use the release that wrote it, or a later one");
        }
        int headBytes = start.getInt(16);
        if (version < 1 || headBytes < MIN_BYTES || headBytes > Math.min(MAX_BYTES, fileBytes)) {
            throw damage.at(
                    file,
                    8,
                    "version " + version + " with a head of " + headBytes + " bytes in a file of " + fileBytes);
        }
        return headBytes;
    }

    /** Reads a whole head. Nothing larger than what is left of it is allocated. */
    static ManifestHead decode(ByteBuffer head, Path file, Damage damage) throws StorageException {
        int end = head.limit() - 4;
        int checksum = head.getInt(end);
        int computed = crc(head, 0, end);
        if (checksum != computed) {
            throw damage.at(
                    file,
                    end,
                    String.format(
                            Locale.ROOT,
                            "the head does not match its checksum: stored %08x, computed %08x",
                            checksum,
                            computed));
        }
        // a checksum proves only that nothing changed, not that somebody sane wrote it: every field is checked
        head.limit(end).position(PREAMBLE_BYTES + 4);
        int blockBytes = head.getInt();
        if (blockBytes != Blocks.BLOCK_BYTES) {
            throw damage.at(file, 20, "blocks of " + blockBytes + " bytes; there are only " + Blocks.BLOCK_BYTES);
        }
        UUID storageId = new UUID(head.getLong(), head.getLong());
        SnapshotPointer pointer = pointer(head, file, damage);
        int groupAt = head.position();
        String group = text(head, MAX_GROUP_BYTES, "group's name", file, damage);
        if (!GroupName.isLegal(group)) {
            throw damage.at(file, groupAt, "a group named '" + group + "'");
        }
        ByteBuffer configuration = configuration(head, file, damage);
        List<ListedFile> files = files(head, file, damage);
        if (head.hasRemaining()) {
            throw damage.at(file, head.position(), head.remaining() + " bytes follow the last file");
        }
        return new ManifestHead(storageId, group, pointer, configuration, files, checksum);
    }

    private static SnapshotPointer pointer(ByteBuffer head, Path file, Damage damage) throws StorageException {
        int at = head.position();
        long index = head.getLong();
        long term = head.getLong();
        long id = head.getLong();
        if (index < 0 || term < 0 || id < 0) {
            throw damage.at(file, at, "index " + index + ", term " + term + ", id " + id);
        }
        return new SnapshotPointer(index, term, false, id);
    }

    private static @Nullable ByteBuffer configuration(ByteBuffer head, Path file, Damage damage)
            throws StorageException {
        int at = head.position();
        int length = number(head, file, damage);
        if (length == NO_CONFIGURATION) {
            return null;
        }
        if (length < 0 || length > Math.min(MAX_CONFIGURATION_BYTES, head.remaining())) {
            throw damage.at(file, at, "a configuration of " + length + " bytes with " + head.remaining() + " left");
        }
        ByteBuffer copy = ByteBuffer.allocate(length);
        copy.put(head.slice(head.position(), length)).flip();
        head.position(head.position() + length);
        return copy.asReadOnlyBuffer();
    }

    private static List<ListedFile> files(ByteBuffer head, Path file, Damage damage) throws StorageException {
        int at = head.position();
        int count = number(head, file, damage);
        if (count < 0 || count > MAX_FILES || count > head.remaining() / (4 + 1 + 8)) {
            throw damage.at(file, at, count + " files with " + head.remaining() + " bytes left");
        }
        List<ListedFile> files = new ArrayList<>(count);
        Set<String> names = new HashSet<>();
        String last = "";
        for (int i = 0; i < count; i++) {
            at = head.position();
            String name = text(head, MAX_NAME_BYTES, "file name", file, damage);
            if (!FileName.isLegal(name) || name.compareTo(last) <= 0 || !names.add(FileName.ignoringCase(name))) {
                throw damage.at(file, at, "a file named '" + name + "' after '" + last + "'");
            }
            if (head.remaining() < 8) {
                throw damage.at(file, head.position(), "the list of files breaks off");
            }
            long bytes = head.getLong();
            if (bytes < 0 || bytes > Blocks.MAX_FILE_BYTES) {
                throw damage.at(file, at, "file '" + name + "' of " + bytes + " bytes");
            }
            files.add(new ListedFile(name, bytes));
            last = name;
        }
        return List.copyOf(files);
    }

    private static String text(ByteBuffer head, int maxBytes, String what, Path file, Damage damage)
            throws StorageException {
        int at = head.position();
        int length = number(head, file, damage);
        if (length < 1 || length > Math.min(maxBytes, head.remaining())) {
            throw damage.at(file, at, "a " + what + " of " + length + " bytes with " + head.remaining() + " left");
        }
        byte[] bytes = new byte[length];
        head.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static int number(ByteBuffer head, Path file, Damage damage) throws StorageException {
        if (head.remaining() < 4) {
            throw damage.at(file, head.position(), "the head breaks off");
        }
        return head.getInt();
    }

    private static int crc(ByteBuffer bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(from, to - from));
        return (int) crc.getValue();
    }
}
