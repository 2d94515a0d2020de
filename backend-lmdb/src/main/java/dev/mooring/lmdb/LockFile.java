// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** LMDB's table of readers, {@code lock.mdb}: memory that processes share, of no use once nobody has it open. */
final class LockFile {

    /*
     * LMDB only sets the length of this file, and maps it. Where it is still a hole and the disk is full, the first touch kills
     * the JVM: at the opening, or when more read at the same time than ever before. So the whole file is written before LMDB
     * opens it. Nobody else has it open, for the directory is locked, and LMDB begins the table anew.
     */
    private static final int HEAD_BYTES = 256;
    private static final int READER_BYTES = 64;
    private static final int PAGE_BYTES = 4096;

    private LockFile() {}

    static void fill(Path directory, int maxReaders) throws IOException {
        Path path = directory.resolve("lock.mdb");
        try (StableFile file = StableFile.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long needed = Math.max(file.size(), HEAD_BYTES + (long) READER_BYTES * maxReaders);
            for (long position = 0; position < needed; position += PAGE_BYTES) {
                file.write(ByteBuffer.allocate(PAGE_BYTES), position);
            }
        }
    }
}
