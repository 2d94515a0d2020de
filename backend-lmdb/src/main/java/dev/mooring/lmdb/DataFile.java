// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** LMDB's file, looked at from outside before the native code maps it. */
final class DataFile {

    /*
     * LMDB takes a missing file for a new, empty store, and a byte that is mapped but lies behind the end of the file kills
     * the JVM. So the file is always kept as long as its map: it is extended, as a hole that takes no space, and forced
     * before LMDB may use a larger map. LMDB writes the length of its map into both headers, so a file shorter than that
     * has been cut off.
     */
    private static final int FORMAT = 1;

    private final Path directory;
    private final Path path;

    DataFile(Path directory) {
        this.directory = directory;
        this.path = directory.resolve("data.mdb");
    }

    /**
     * Whether this is a new store.
     *
     * @throws StorageException.Corrupted if there is no file but there ought to be one
     */
    boolean isNew(BackendContext context) throws IOException {
        if (StableFile.exists(path)) {
            return false;
        }
        try (var others = Files.list(directory)) {
            if (context.provenSequence() > 0 || others.findAny().isPresent()) {
                throw damaged(0, "the file is missing");
            }
        }
        return true;
    }

    /**
     * Refuses what would take the JVM down. After an unclean end a header that makes no sense is replaced by the other one,
     * and kept beside the file: if a power cut has torn it, it shows a change that was never acknowledged; if it has rotted,
     * whether something acknowledged is missing shows only once LMDB has opened the file, which it does with two headers.
     *
     * @return length of the file in bytes, which is at least that of the map
     */
    long check(BackendContext context) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Header first = Header.read(file, 0);
            long position = Header.positionOfSecond(file, first);
            Header second = Header.read(file, position);
            String inFirst = problem(first);
            String inSecond = problem(second);
            if (inFirst != null && (inSecond != null || context.endedCleanly())) {
                throw damaged(0, inFirst);
            }
            if (inSecond != null && context.endedCleanly()) {
                throw damaged(position, inSecond);
            }
            if (inFirst != null) {
                mend(context, file, 0, first, second.bytesFor(0), inFirst);
            }
            if (inSecond != null) {
                mend(context, file, position, second, first.bytesFor(1), inSecond);
            }
            checkLength(file.size(), first, inFirst);
            checkLength(file.size(), second, inSecond);
            return file.size();
        }
    }

    private @Nullable String problem(Header header) throws StorageException {
        String nonsense = header.nonsense();
        if (nonsense == null && header.version() != FORMAT) {
            throw new StorageException.Refused(path + " has LMDB's data format " + header.version()
                    + ", and this version reads format " + FORMAT + ". Open it with the version that wrote it");
        }
        return nonsense;
    }

    private void checkLength(long fileBytes, Header header, @Nullable String problem) throws StorageException {
        if (problem == null && header.mapBytes() > fileBytes) {
            throw damaged(
                    fileBytes, "the file ends here and was " + header.mapBytes() + " bytes long: it has been cut off");
        }
    }

    private void mend(
            BackendContext context, StableFile file, long position, Header damaged, ByteBuffer other, String problem)
            throws IOException {
        Path kept = keep(position, damaged);
        file.write(other, position);
        file.force();
        context.report(new Repair(
                path,
                position,
                "a header that a power cut may have torn, or that has rotted (" + problem
                        + "), was replaced by the other one of the two. What was there is kept in " + kept));
    }

    /** Keeps a header in a file of its own, durably, also if others were kept before it. */
    private Path keep(long position, Header damaged) throws IOException {
        String name = "header-" + position + ".replaced";
        Path kept = directory.resolve(name);
        for (int next = 2; StableFile.exists(kept); next++) {
            if (holds(kept, damaged)) {
                StableFile.forceDirectory(directory); // what has kept it may have been killed before it did
                return kept;
            }
            kept = directory.resolve(name + "-" + next);
        }
        StableFile.replace(kept, damaged.bytes());
        return kept;
    }

    private static boolean holds(Path kept, Header damaged) throws IOException {
        try (StableFile file = StableFile.open(kept, StandardOpenOption.READ)) {
            ByteBuffer bytes = damaged.bytes();
            return file.size() == bytes.remaining()
                    && Header.read(file, 0).bytes().equals(bytes);
        }
    }

    /**
     * Makes durable what the page cache shows, after an unclean end. LMDB has forced a change's pages before it writes the
     * header that shows them; only that last header may have failed to reach the disk and look as if it had, so it is not
     * only forced but written again.
     */
    void makeDurable() throws IOException {
        StableFile.forceTree(directory);
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Header first = Header.read(file, 0);
            long position = Header.positionOfSecond(file, first);
            ByteBuffer second = Header.read(file, position).bytes();
            file.write(first.bytes(), 0);
            file.write(second, position);
            file.force();
        }
    }

    /** Makes the file this long at least, durably; what is added takes no space yet. */
    void extend(long bytes) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.WRITE)) {
            if (file.size() < bytes) {
                file.write(ByteBuffer.allocate(1), bytes - 1);
            }
            file.force();
        }
    }

    private StorageException.Corrupted damaged(long offset, String what) {
        return StorageException.Corrupted.at(path, offset, what + Faults.WHAT_TO_DO);
    }
}
