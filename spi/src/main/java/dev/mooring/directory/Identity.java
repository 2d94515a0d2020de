// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Whose directory this is, as kept in {@code IDENTITY}.
 *
 * <p>The file is ASCII text of exactly these lines in this order, each ended by one line feed:
 *
 * <pre>
 * mooring-storage
 * format=1
 * backend=files
 * created-by=0.1.0
 * created-at=2026-11-24T09:30:00.123456Z
 * storage-id=0b54b1a0-5f0c-4b9c-a1c2-0c8f5d6f7e21
 * node=                                              empty: none
 * mark=kept                                          or none, where the backend is VOLATILE
 * crc32c=9ae0daaf                                    CRC-32C of all bytes before this line, 8 lower-case digits
 * </pre>
 *
 * In every format the first two lines and the last one are as here, and the file has at most
 * {@value #MAX_BYTES} bytes, so that a later format is told from damage.
 *
 * @param backend name of the backend that wrote {@code data/}
 * @param createdBy version of Mooring that created it
 * @param createdAt when
 * @param storageId random, the same in every file that names its storage
 * @param node the node it belongs to; null if its directory is not shared by several
 * @param keepsMark whether there is a {@code MARK}
 */
record Identity(
        String backend,
        String createdBy,
        Instant createdAt,
        UUID storageId,
        @Nullable String node,
        boolean keepsMark) {

    static final int MAX_BYTES = 16 * 1024;

    private static final int FORMAT = 1;
    private static final String MAGIC = "mooring-storage\n";
    private static final Pattern FORMAT_LINE = Pattern.compile(MAGIC + "format=([0-9]{1,9})\n");
    private static final Pattern CHECKSUM_LINE = Pattern.compile("crc32c=([0-9a-f]{8})\n");
    private static final int CHECKSUM_LINE_BYTES = "crc32c=00000000\n".length();
    private static final Pattern BACKEND = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]{0,256}");
    private static final Pattern BODY = Pattern.compile("""
            backend=([a-z][a-z0-9-]*)
            created-by=([ -~]*)
            created-at=([0-9TZ:.+-]+)
            storage-id=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})
            node=([ -~]*)
            mark=(kept|none)
            """);

    Identity {
        boolean readable = BACKEND.matcher(backend).matches()
                && PRINTABLE.matcher(createdBy).matches()
                && (node == null || PRINTABLE.matcher(node).matches());
        if (!readable) {
            throw new IllegalArgumentException("IDENTITY could not be read again with backend '" + backend
                    + "', version '" + createdBy + "', node '" + node + "'");
        }
    }

    ByteBuffer encode() {
        String covered = MAGIC + "format=" + FORMAT + "\nbackend=" + backend + "\ncreated-by=" + createdBy
                + "\ncreated-at=" + createdAt + "\nstorage-id=" + storageId + "\nnode=" + (node == null ? "" : node)
                + "\nmark=" + (keepsMark ? "kept" : "none") + "\n";
        byte[] bytes = covered.getBytes(StandardCharsets.US_ASCII);
        String checksum = String.format(Locale.ROOT, "crc32c=%08x\n", crc(bytes, bytes.length));
        return ByteBuffer.wrap((covered + checksum).getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads the file.
     *
     * @throws StorageException.Corrupted if a single bit differs
     * @throws StorageException.Refused if a later version wrote it
     */
    static Identity read(Path file) throws IOException {
        byte[] bytes = Entries.read(file, MAX_BYTES).array();
        String text = new String(bytes, StandardCharsets.ISO_8859_1); // one character for each byte, whatever it is
        Matcher format = FORMAT_LINE.matcher(text);
        boolean named = format.lookingAt();
        if (!endsWithItsChecksum(bytes, text)) {
            String suspicion = named && Integer.parseInt(format.group(1)) > FORMAT
                    ? ", or it has the later format " + format.group(1) + ", of which this version knows " + FORMAT
                    : "";
            throw damaged(file, 0, "the text does not match the checksum in its last line" + suspicion);
        }
        if (!named) {
            throw damaged(file, 0, "the text does not begin with 'mooring-storage' and its format");
        }
        int number = Integer.parseInt(format.group(1));
        if (number != FORMAT) {
            throw new StorageException.Refused(
                    file + " has format " + number + "; this version of Mooring reads format " + FORMAT
                            + ". Nothing was changed. Start the version that wrote it, or a later one");
        }
        return parse(file, text, format.end());
    }

    /** Whether a file begins as ours do, damaged or not: an engine's may have its name. False where it can not be seen. */
    static boolean isOne(Path file) {
        try {
            byte[] bytes = Entries.read(file, MAX_BYTES).array();
            return new String(bytes, StandardCharsets.ISO_8859_1).startsWith(MAGIC);
        } catch (IOException e) {
            return false;
        }
    }

    private static Identity parse(Path file, String text, int start) throws StorageException {
        Matcher body = BODY.matcher(text).region(start, text.length() - CHECKSUM_LINE_BYTES);
        if (!body.matches()) {
            throw damaged(
                    file, start, "the lines are not the ones that format " + FORMAT + " has, each once, in order");
        }
        try {
            String node = body.group(5);
            return new Identity(
                    body.group(1),
                    body.group(2),
                    Instant.parse(body.group(3)),
                    UUID.fromString(body.group(4)),
                    node.isEmpty() ? null : node,
                    body.group(6).equals("kept"));
        } catch (DateTimeException e) {
            throw damaged(file, start, "created-at=" + body.group(3) + " is no time in ISO 8601");
        }
    }

    private static boolean endsWithItsChecksum(byte[] bytes, String text) {
        int covered = bytes.length - CHECKSUM_LINE_BYTES;
        if (covered < 0) {
            return false;
        }
        Matcher line = CHECKSUM_LINE.matcher(text).region(covered, text.length());
        return line.matches() && Integer.parseUnsignedInt(line.group(1), 16) == crc(bytes, covered);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static StorageException.Corrupted damaged(Path file, long offset, String what) {
        return StorageException.Corrupted.at(
                file,
                offset,
                what + ". Without it nobody can say whose data this is. Nothing was changed. " + Damage.REMEDY);
    }
}
