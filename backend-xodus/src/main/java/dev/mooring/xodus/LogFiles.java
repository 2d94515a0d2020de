// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jetbrains.exodus.io.Block;
import jetbrains.exodus.io.DataReader;
import jetbrains.exodus.log.LogUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads Xodus' log in the place of its own reader, which needs sun.misc.Unsafe and keeps handles of files for the whole
 * process. A file is opened for each page that is not in the cache.
 */
final class LogFiles implements DataReader {

    private final Path directory;
    private final @Nullable Path hidden;
    private volatile Runnable check = () -> {};
    private volatile long brokenOff = -1; // the address of a file

    private LogFiles(Path directory, @Nullable Path hidden) {
        this.directory = directory;
        this.hidden = hidden;
    }

    static LogFiles all(Path directory) {
        return new LogFiles(directory, null);
    }

    /** As if the last file had never been begun; null if it is the only one. */
    static @Nullable LogFiles withoutLast(Path directory) throws IOException {
        List<Path> files = list(directory);
        return files.size() < 2 ? null : new LogFiles(directory, files.get(files.size() - 1));
    }

    /** Runs something before each read from now on, on the thread that reads; what it throws the reader gets. */
    void beforeEachRead(Runnable check) {
        this.check = check;
    }

    /**
     * The end of this file is the middle of a write that failed. If that was the first of a change, Xodus takes the page
     * behind for the last one, and asks for the whole of this one; what it had committed is there, and nothing that it
     * follows from there leads into the rest.
     */
    void brokenOff(long address) {
        brokenOff = address;
    }

    /** The file that is there and is not shown. */
    @Nullable
    Path hidden() {
        return hidden;
    }

    /** The files in the order of their addresses: the names are eleven digits, base 32. */
    static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9a-v]{11}\\.xd"))
                    .sorted()
                    .toList();
        }
    }

    /** The file that begins at this address of the log. */
    Path path(long address) {
        return directory.resolve(LogUtil.getLogFilename(address));
    }

    Block block(long address) {
        return new LogFile(this, address, path(address));
    }

    @Override
    public Iterable<Block> getBlocks() {
        return getBlocks(0);
    }

    @Override
    public Iterable<Block> getBlocks(long fromAddress) {
        try {
            return list(directory).stream()
                    .filter(file -> !file.equals(hidden))
                    .map(file -> LogUtil.getAddress(file.getFileName().toString()))
                    .filter(address -> address >= fromAddress)
                    .map(this::block)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For Xodus' log, and where it looks for a file of settings: on the default file system, so a path on another is none. */
    @Override
    public String getLocation() {
        return directory.toUri().toString();
    }

    @Override
    public void close() {}

    private record LogFile(LogFiles files, long address, Path path) implements Block {

        @Override
        public long getAddress() {
            return address;
        }

        @Override
        public long length() {
            try {
                return StableFile.exists(path) ? Files.size(path) : 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int read(byte[] output, long position, int offset, int count) {
            files.check.run();
            try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
                int read = file.read(ByteBuffer.wrap(output, offset, count), position);
                return address == files.brokenOff ? filled(output, offset, count, read) : read;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static int filled(byte[] output, int offset, int count, int read) {
            Arrays.fill(output, offset + Math.max(0, read), offset + count, (byte) 0);
            return count;
        }

        @Override
        public Block refresh() {
            return this;
        }
    }
}
