// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Copies a storage's files. Follows links, as an open storage does: the data may lie on another disk. Blocks of zeros are not
 * written, so that an LMDB file, mostly hole, takes no more room than the original.
 */
final class SourceCopy {

    private static final int BLOCK_BYTES = 64 << 10;
    /** To read them would be wrong: closing any handle of a locked file gives the lock up on POSIX systems. */
    private static final Set<String> NOT_COPIED = Set.of(HeldLock.NAME, HeldLock.HOLDER);

    private final Path from;
    private final Path to;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);

    /**
     * A copy that has not begun.
     *
     * @param from the storage's own directory
     * @param to will be made; not in the source, which {@link Source#holds} tells
     */
    SourceCopy(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    /** The sum of the lengths of what will be copied. */
    long bytes() throws IOException {
        long[] sum = new long[1];
        walk(new Visitor() {
            @Override
            void directory(Path directory) {}

            @Override
            void file(Path file, long lengthBytes) {
                sum[0] += lengthBytes;
            }
        });
        return sum[0];
    }

    /**
     * Copies all.
     *
     * @param copied told the number of bytes of each block that was copied
     */
    void run(LongConsumer copied) throws IOException {
        walk(new Visitor() {
            @Override
            void directory(Path directory) throws IOException {
                StableFile.createDirectories(to.resolve(from.relativize(directory))); // for their owner only
            }

            @Override
            void file(Path file, long lengthBytes) throws IOException {
                copy(file, to.resolve(from.relativize(file)), copied);
            }
        });
    }

    private void copy(Path file, Path copy, LongConsumer copied) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                StableFile out = StableFile.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long lengthBytes = 0;
            while (in.read(block.clear(), lengthBytes) > 0) {
                block.flip();
                int read = block.remaining();
                if (!isZero(block)) {
                    write(out, lengthBytes);
                }
                lengthBytes += read;
                copied.accept(read);
            }
            if (out.size() < lengthBytes) {
                out.write(ByteBuffer.allocate(1), lengthBytes - 1); // ends in a hole
            }
        }
    }

    private void write(StableFile out, long position) throws UnwrittenCopyException {
        try {
            out.write(block, position);
        } catch (IOException e) {
            throw new UnwrittenCopyException(e);
        }
    }

    private static boolean isZero(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void walk(Visitor visitor) throws IOException {
        Files.walkFileTree(from, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
    }

    private abstract class Visitor extends SimpleFileVisitor<Path> {

        abstract void directory(Path directory) throws IOException;

        abstract void file(Path file, long lengthBytes) throws IOException;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            if (isNotOurs(directory)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            directory(directory);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException cause) throws IOException {
            if (isNotOurs(file)) {
                return FileVisitResult.CONTINUE; // it is root's alone
            }
            if (cause instanceof FileSystemLoopException) {
                throw new UserError(
                        file + " is a link to a directory that it lies in, so the copy would not end", cause);
            }
            throw cause;
        }

        /** Where the file system keeps what it finds, if the storage's directory is a mount point. */
        private boolean isNotOurs(Path directory) {
            return directory.equals(from.resolve("lost+found"));
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isOther()) { // a pipe would be waited for
                throw new UserError(file + " is no file with contents, and no part of a storage. Remove it");
            }
            if (!NOT_COPIED.contains(from.relativize(file).toString())) {
                file(file, attributes.size());
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
