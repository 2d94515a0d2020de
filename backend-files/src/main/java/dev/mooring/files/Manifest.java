// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code MANIFEST}: which files the log consists of, and what is known to be durable. Replaced as a whole, in the
 * background: never on the way of a save. Big-endian:
 *
 * <pre>
 *  0  magic "MOORMAN\n"        8     48  oldestOrdinal                 8
 *  8  version of the format    4     56  provenOrdinal, 0: none        8
 * 12  zero                     4     64  provenEnd                     8
 * 16  storage id              16     72  provenSequence                8
 * 32  generation               8     80  count of files                4
 * 40  nextNumber               8     84  count of releases             4
 * 88  files:    count x (number:8 | sizeBytes:8 | salt:8 | ordinal:8, 0 if not known | 1 if reused, else 0: 4)
 *     releases: count x (length of name:2 | name in UTF-8 | firstIndex:8)
 *     CRC-32C of everything before                                     4
 * </pre>
 *
 * Later versions keep magic, version and the checksum at the end.
 *
 * <p>A file is listed only after it is durable with its whole length, and deleted or given another life only after a
 * manifest that does not list this life of it is durable. So every listed file has to be there.
 *
 * @param generation counts manifests. Every frame names the newest durable one, so an old manifest put back is noticed
 * @param nextNumber number for the next file
 * @param oldestOrdinal segments before this one are not needed any more
 * @param provenOrdinal with {@code provenEnd}: the log is durable up to this offset of this segment
 * @param provenSequence sequence of the last change before that place
 * @param files every file of the log, prepared ones included
 * @param releases first index of groups, at the proven place, that the log itself does not know of
 */
record Manifest(
        UUID storageId,
        long generation,
        long nextNumber,
        long oldestOrdinal,
        long provenOrdinal,
        long provenEnd,
        long provenSequence,
        List<Listed> files,
        List<Released> releases) {

    static final String NAME = "MANIFEST";
    static final int VERSION = 1;

    /** Where it says up to where the log is proven. */
    static final int PROVEN_AT = 56;

    private static final long MAGIC = 0x4d4f4f524d414e0aL; // "MOORMAN\n"
    private static final int FIXED_BYTES = 88;
    private static final int LISTED_BYTES = 36;
    private static final long MAX_BYTES = 256L << 20;

    /** A file of the log. */
    record Listed(long number, long sizeBytes, long salt, long ordinal, boolean reused) {
        static Listed of(Segment segment, long ordinal) {
            return new Listed(segment.number, segment.sizeBytes, segment.salt, ordinal, segment.reused);
        }
    }

    /** A group whose entries below an index were released. */
    record Released(String group, long firstIndex) {}

    /** Replaces the manifest of a directory. Durable on return. */
    void store(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        StableFile.replace(path, encode(path));
    }

    ByteBuffer encode(Path path) throws StorageException {
        List<byte[]> names = new ArrayList<>();
        long length = FIXED_BYTES + (long) files.size() * LISTED_BYTES + 4;
        for (Released each : releases) {
            byte[] name = each.group().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            length += 2 + name.length + 8;
        }
        if (length > MAX_BYTES) {
            throw new StorageException.Refused(path + " with the releases of " + releases.size()
                    + " groups would have " + length + " bytes, more than the " + MAX_BYTES
                    + " that are read. Keep fewer groups in one storage");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(0);
        bytes.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        bytes.putLong(generation).putLong(nextNumber).putLong(oldestOrdinal);
        bytes.putLong(provenOrdinal).putLong(provenEnd).putLong(provenSequence);
        bytes.putInt(files.size()).putInt(releases.size());
        for (Listed file : files) {
            bytes.putLong(file.number()).putLong(file.sizeBytes()).putLong(file.salt());
            bytes.putLong(file.ordinal()).putInt(file.reused() ? 1 : 0);
        }
        for (int i = 0; i < names.size(); i++) {
            bytes.putShort((short) names.get(i).length).put(names.get(i));
            bytes.putLong(releases.get(i).firstIndex());
        }
        return bytes.putInt(crc(bytes.duplicate().flip())).flip();
    }

    /**
     * Reads the manifest of a directory; null if there is none.
     *
     * @param expectedId whose segments tell what is in doubt if it can not be read
     */
    static @Nullable Manifest load(Path directory, UUID expectedId) throws IOException {
        Path path = directory.resolve(NAME);
        ByteBuffer bytes;
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            if (size < FIXED_BYTES + 4 || size > MAX_BYTES) {
                throw new MalformedException("it has " + size + " bytes");
            }
            bytes = ByteBuffer.allocate((int) size);
            file.readFully(bytes, 0);
            return decode(path, bytes.flip());
        } catch (NoSuchFileException e) {
            return null;
        } catch (MalformedException e) {
            throw StorageException.Corrupted.at(
                    path,
                    0,
                    "the manifest of the log can not be read: " + e.getMessage() + InDoubt.all(directory, expectedId)
                            + ". " + Damage.REMEDY);
        }
    }

    private static Manifest decode(Path path, ByteBuffer bytes) throws IOException {
        int end = bytes.limit() - 4;
        if (bytes.getLong(0) != MAGIC) {
            throw new MalformedException("it does not begin like one");
        }
        int stored = bytes.getInt(end);
        int computed = crc(bytes.duplicate().limit(end));
        if (stored != computed) {
            throw new MalformedException(String.format(
                    Locale.ROOT, "it does not match its checksum: stored %08x, computed %08x", stored, computed));
        }
        if (bytes.getInt(8) > VERSION) {
            throw new StorageException.Refused(path + " has format version " + bytes.getInt(8) + ", newer than "
                    + VERSION + ", the newest this release reads. Open it with the release that wrote it");
        }
        bytes.limit(end).position(16);
        UUID storageId = new UUID(bytes.getLong(), bytes.getLong());
        long generation = bytes.getLong();
        long nextNumber = bytes.getLong();
        long oldestOrdinal = bytes.getLong();
        long provenOrdinal = bytes.getLong();
        long provenEnd = bytes.getLong();
        long provenSequence = bytes.getLong();
        int fileCount = bytes.getInt();
        int releaseCount = bytes.getInt();
        if (fileCount < 0 || fileCount > bytes.remaining() / LISTED_BYTES || releaseCount < 0) {
            throw new MalformedException("it says it lists " + fileCount + " files");
        }
        List<Listed> files = new ArrayList<>(fileCount);
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < fileCount; i++) {
            Listed file =
                    new Listed(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getInt() != 0);
            if (!numbers.add(file.number())) {
                throw new MalformedException("it lists file " + file.number() + " twice");
            }
            files.add(file);
        }
        List<Released> releases = new ArrayList<>();
        for (int i = 0; i < releaseCount; i++) {
            int length = bytes.remaining() < 2 ? Integer.MAX_VALUE : bytes.getShort() & 0xffff;
            if (length > bytes.remaining() - 8) {
                throw new MalformedException("it ends in the middle of release " + i + " of " + releaseCount);
            }
            byte[] name = new byte[length];
            bytes.get(name);
            releases.add(new Released(new String(name, StandardCharsets.UTF_8), bytes.getLong()));
        }
        return new Manifest(
                storageId,
                generation,
                nextNumber,
                oldestOrdinal,
                provenOrdinal,
                provenEnd,
                provenSequence,
                files,
                releases);
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
