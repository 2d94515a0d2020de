// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files {@code segment-<number>} of a directory: names, creation, removal. */
final class SegmentFiles {

    static final int BLOCK_BYTES = 4096;

    private static final Pattern NAME = Pattern.compile("segment-(\\d{10,18})");
    private static final int PIECE_BYTES = 1 << 20;

    private final Path directory;

    SegmentFiles(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    Path path(long number) {
        return directory.resolve(String.format(Locale.ROOT, "segment-%010d", number));
    }

    /** Every file whose name is one of ours, by number. */
    Map<Long, Path> list() throws IOException {
        Map<Long, Path> found = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path path : all) {
                Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
                if (name.matches()) {
                    found.put(Long.parseLong(name.group(1)), path);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /** Asked between two steps on the disk: throws if no further one may be taken. */
    interface MayGoOn {
        void check() throws IOException;
    }

    /**
     * Creates a file that is full of zeros, really written: to force data into blocks that a file has already costs half of
     * what it costs while the file grows, and blocks that are only reserved cost like growing. Durable on return, with its
     * directory entry. Written and forced piece by piece, so that a save beside it is not held up.
     */
    void createFull(long number, long sizeBytes, MayGoOn mayGoOn) throws IOException {
        try (StableFile file = createNew(number)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, sizeBytes));
            for (long at = 0; at < sizeBytes; at += zeros.limit()) {
                mayGoOn.check();
                zeros.clear().limit((int) Math.min(zeros.capacity(), sizeBytes - at));
                file.write(zeros, at);
                file.forceData();
                zeros.flip();
            }
            mayGoOn.check();
            file.force();
        }
        StableFile.forceDirectory(directory);
    }

    /** Creates a file of this length that takes its blocks when they are written: for one large frame. Durable likewise. */
    void createSparse(long number, long sizeBytes) throws IOException {
        try (StableFile file = createNew(number)) {
            file.write(ByteBuffer.allocate(BLOCK_BYTES), sizeBytes - BLOCK_BYTES);
            file.force();
        }
        StableFile.forceDirectory(directory);
    }

    private StableFile createNew(long number) throws IOException {
        return StableFile.open(path(number), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Whether the file is gone now. A file that can not be deleted stops nothing. */
    boolean delete(Path path) {
        try {
            Files.deleteIfExists(path);
            return true;
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    /** Rounded up to whole blocks. */
    static long blocks(long bytes) {
        return (bytes + BLOCK_BYTES - 1) & -(long) BLOCK_BYTES;
    }
}
