// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that nobody writes to the source while it is copied: holds the operating system's lock on its {@code LOCK},
 * which changes no byte of it.
 */
final class SourceLock implements AutoCloseable {

    private final @Nullable FileChannel channel;
    private final long sizeBytes;

    private SourceLock(@Nullable FileChannel channel, long sizeBytes) {
        this.channel = channel;
        this.sizeBytes = sizeBytes;
    }

    static SourceLock take(Path source) throws IOException {
        Path file = source.resolve("LOCK");
        if (!Files.exists(file)) {
            return new SourceLock(null, sizeOf(source)); // a backup that left it out: nobody has it open
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new UserError(source + " is open in another process. Stop that first: " + holderOf(source));
            }
            return new SourceLock(channel, sizeOf(source));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // open in this very process
        }
    }

    private static String holderOf(Path source) {
        try {
            return String.join(", ", Files.readAllLines(source.resolve("LOCK.holder")));
        } catch (IOException e) {
            return "LOCK.holder does not say who it is";
        }
    }

    private static long sizeOf(Path root) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
