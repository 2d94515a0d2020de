// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StableFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The snapshot files of one state machine: {@code snapshot.<term>_<index>}, each with its MD5 in a file beside it. */
final class SnapshotDirectory {

    // The MD5 file is what md5sum writes, as Ratis reads it. It is published before the snapshot: a
    // snapshot without its MD5 is therefore not whole, and an MD5 without its snapshot is a leftover.

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotDirectory.class);

    private static final String MD5_SUFFIX = ".md5";
    private static final String CORRUPT_SUFFIX = ".corrupt";
    static final String UNFINISHED_PREFIX = "unfinished-";
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d{1,18})_(\\d{1,18})");
    private static final Pattern MD5_LINE = Pattern.compile("([0-9a-f]{32}) [ *](.+)");
    private static final int MAX_MD5_FILE_BYTES = 4096;
    private static final int BUFFER_BYTES = 256 * 1024;

    /** Orders files by what they cover, the oldest first. */
    static final Comparator<Path> BY_INDEX = Comparator.comparing(
            SnapshotDirectory::covered,
            Comparator.comparingLong(TermIndex::getIndex).thenComparingLong(TermIndex::getTerm));

    private final Path directory;

    SnapshotDirectory(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
    }

    Path path() {
        return directory;
    }

    SingleFileSnapshotInfo save(TermIndex covered, MooringSnapshotStorage.Content content) throws IOException {
        String name = SimpleStateMachineStorage.getSnapshotFileName(covered.getTerm(), covered.getIndex());
        Path unfinished = directory.resolve(UNFINISHED_PREFIX + name);
        Path file = directory.resolve(name);
        MessageDigest digest = md5();
        try {
            try (StableFile opened = StableFile.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                OutputStream out =
                        new BufferedOutputStream(new DigestOutputStream(new Sequential(opened), digest), BUFFER_BYTES);
                content.writeTo(out);
                out.flush();
                opened.force();
            }
            byte[] sum = digest.digest();
            String line = HexFormat.of().formatHex(sum) + " *" + name + "\n";
            StableFile.replace(md5File(file), ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            StableFile.rename(unfinished, file);
            return info(file);
        } catch (IOException | RuntimeException e) {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** The newest snapshot whose bytes match its MD5; null if there is none. Damaged ones are set aside. */
    @Nullable
    SingleFileSnapshotInfo newestWhole() throws IOException {
        Path file = newestWholeFile();
        return file == null ? null : info(file);
    }

    /** The file of {@link #newestWhole}. */
    @Nullable
    Path newestWholeFile() throws IOException {
        for (Path file : newestFirst()) {
            byte[] expected = storedMd5(file);
            if (expected == null) {
                LOG.warn("{} has no MD5 beside it and is not used", file);
            } else if (!MessageDigest.isEqual(expected, computedMd5(file))) {
                Path aside = file.resolveSibling(file.getFileName() + CORRUPT_SUFFIX);
                LOG.error("{} does not match its MD5; it is set aside as {}", file, aside.getFileName());
                Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
            } else {
                return file;
            }
        }
        return null;
    }

    /** The newest snapshot that has an MD5, unread; null if there is none. */
    @Nullable
    Path newestFile() throws IOException {
        for (Path file : newestFirst()) {
            if (storedMd5(file) != null) {
                return file;
            }
        }
        return null;
    }

    /** Whether the bytes match the MD5. */
    static boolean isWhole(Path file) throws IOException {
        byte[] expected = storedMd5(file);
        return expected != null && MessageDigest.isEqual(expected, computedMd5(file));
    }

    static SingleFileSnapshotInfo info(Path file) throws IOException {
        // read back by Ratis: how else its digest is made differs between its releases
        return new SingleFileSnapshotInfo(
                new FileInfo(file, MD5FileUtil.readStoredMd5ForFile(file.toFile())), covered(file));
    }

    /** Deletes all but this many of the newest snapshots that have an MD5, and what belongs to none. */
    void retain(int count) throws IOException {
        int kept = 0;
        for (Path file : newestFirst()) {
            if (kept == count) {
                delete(file);
            } else if (storedMd5(file) != null) {
                kept++;
            }
        }
        try (DirectoryStream<Path> sums = Files.newDirectoryStream(directory, "snapshot.*" + MD5_SUFFIX)) {
            for (Path sum : sums) {
                String name = sum.getFileName().toString();
                if (!Files.exists(directory.resolve(name.substring(0, name.length() - MD5_SUFFIX.length())))) {
                    delete(sum);
                }
            }
        }
    }

    /** Deletes what a crash left of a snapshot that was being saved. */
    void removeUnfinished() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, UNFINISHED_PREFIX + "*")) {
            for (Path file : files) {
                delete(file);
            }
        }
    }

    /** All that are named like snapshots. */
    List<Path> newestFirst() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "snapshot.*")) {
            for (Path file : files) {
                if (NAME.matcher(file.getFileName().toString()).matches()) {
                    found.add(file);
                }
            }
        }
        found.sort(BY_INDEX.reversed());
        return found;
    }

    private static TermIndex covered(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(file + " is not named like a snapshot");
        }
        return TermIndex.valueOf(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)));
    }

    private static byte @Nullable [] storedMd5(Path file) throws IOException {
        Path sum = md5File(file);
        if (!Files.isRegularFile(sum)) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(MAX_MD5_FILE_BYTES);
        try (StableFile opened = StableFile.open(sum, StandardOpenOption.READ)) {
            opened.read(bytes, 0);
        }
        String line = StandardCharsets.UTF_8.decode(bytes.flip()).toString().trim();
        Matcher matcher = MD5_LINE.matcher(line);
        if (!matcher.matches() || !matcher.group(2).equals(file.getFileName().toString())) {
            LOG.warn("{} is not the MD5 of {}", sum, file.getFileName());
            return null;
        }
        return HexFormat.of().parseHex(matcher.group(1));
    }

    private static byte[] computedMd5(Path file) throws IOException {
        MessageDigest digest = md5();
        try (StableFile opened = StableFile.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            for (long position = 0; opened.read(buffer, position) > 0; buffer.clear()) {
                position += buffer.position();
                digest.update(buffer.flip());
            }
        }
        return digest.digest();
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance(
                    "MD5"); // what Ratis sends and checks; against accidents, not against people
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no MD5, which Ratis needs for snapshots", e);
        }
    }

    static Path md5File(Path file) {
        return file.resolveSibling(file.getFileName() + MD5_SUFFIX);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} can not be deleted; it is tried again with the next snapshot", file, e);
        }
    }

    /** Writes one after the other into a file that an interrupt does not close. */
    private static final class Sequential extends OutputStream {
        private final StableFile file;
        private long position;

        private Sequential(StableFile file) {
            this.file = file;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            file.write(ByteBuffer.wrap(bytes, offset, length), position);
            position += length;
        }
    }
}
