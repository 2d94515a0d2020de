// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.InUse;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Opens a directory; decides, before anything in it is changed, whether recovery would keep all that was acknowledged. */
final class Recovery {

    /*
     * RocksDB knows four ways to recover from a record that it can not read. Its default cuts the log there without a word;
     * another skips it; another cuts some torn tails off without a word and refuses others; the strictest refuses after
     * every torn tail, for ever. None tells a torn tail from rot before it, all delete the log when they have read it, and
     * none comes back from some kinds of damage. So RocksDB reads no log here that is not known to be whole. Each record is
     * forced before the next is written: if nothing valid follows a bad one, and the mark does not prove that what it held
     * was acknowledged, then it is the torn last save. Only then it is cut off, which is reported; and only then RocksDB
     * opens the database, the strictest way.
     */

    private static final long LONGEST_NAME_BYTES = 64;

    private static final String WHAT_NOW =
            ". Nothing was changed. Rebuild this server from its peers; only where no majority is whole, put the whole"
                    + " directory back from one backup";

    private final BackendContext context;
    private final Path directory;
    private final boolean endedCleanly;

    private Recovery(BackendContext context) throws IOException {
        this.context = context;
        this.directory = context.directory();
        this.endedCleanly = context.endedCleanly() && !InUse.isSet(directory);
    }

    static OpenDatabase open(BackendContext context) throws IOException {
        return new Recovery(context).open();
    }

    private OpenDatabase open() throws IOException {
        Path current = directory.resolve("CURRENT");
        if (!StableFile.exists(current)) {
            return create();
        }
        if (!endedCleanly) {
            // what the page cache shows may never have reached the disk; recovery reads it and must not build on sand
            StableFile.forceTree(directory);
        }
        mendManifest(LogDamage.inManifest(manifestOf(current)));
        LogDamage torn = LogDamage.inLog(directory);
        if (torn == null) {
            checkProven(sequenceIn(directory));
        } else {
            cutTornTail(torn);
        }
        if (context.endedCleanly()) {
            InUse.set(directory);
        }
        return openForWriting();
    }

    private OpenDatabase create() throws IOException {
        try (var files = Files.list(directory)) {
            if (context.provenSequence() > 0 || files.findAny().isPresent()) {
                throw new StorageException.Corrupted(
                        directory.resolve("CURRENT") + " is missing, so RocksDB would begin anew" + WHAT_NOW);
            }
        }
        return openForWriting();
    }

    /** RocksDB reports a missing manifest as any failed read, and not as damage. */
    private Path manifestOf(Path current) throws IOException {
        String name = Files.size(current) > LONGEST_NAME_BYTES ? "" : Files.readString(current, ISO_8859_1);
        if (!name.matches("MANIFEST-\\d+\n") || !StableFile.exists(directory.resolve(name.strip()))) {
            throw new StorageException.Corrupted(current
                    + " does not name a file MANIFEST-... that is there: one of them is damaged or missing" + WHAT_NOW);
        }
        return directory.resolve(name.strip());
    }

    /**
     * RocksDB acts on an entry of its books, such as deleting a log, when that is durable; on a torn one it never did. Unlike
     * in its log, several entries are written before one sync: of the first a sector may be missing while a later one is there.
     */
    private void mendManifest(@Nullable LogDamage torn) throws IOException {
        if (torn != null) {
            if (endedCleanly || !torn.lacksASector()) {
                checkTorn(torn, "RocksDB's books");
            }
            torn.cutOff();
            context.report(new Repair(torn.file(), torn.offset(), "a torn last entry of RocksDB's books was cut off"));
        }
    }

    private void cutTornTail(LogDamage torn) throws IOException {
        checkTorn(torn, "RocksDB's log");
        long left = sequenceWithout(torn);
        checkProven(left);
        torn.cutOff();
        context.report(new Repair(
                torn.file(),
                torn.offset(),
                "a torn last save was cut off; it was never acknowledged. What is left ends at change " + left));
    }

    private void checkTorn(LogDamage damage, String where) throws StorageException {
        if (damage.followed() || endedCleanly) {
            String why = damage.followed() ? "whole ones follow it" : "nothing was being written at the last end";
            throw StorageException.Corrupted.at(
                    damage.file(),
                    damage.offset(),
                    "a record of " + where + " is damaged, and it is no torn last one: " + why + WHAT_NOW);
        }
    }

    /** What would be left, tried on a copy of the log: RocksDB must not see the torn record. */
    private long sequenceWithout(LogDamage torn) throws IOException {
        Path copies = Files.createTempDirectory("mooring-rocksdb");
        try {
            for (Path file : LogDamage.logFiles(directory)) {
                Path copy = copies.resolve(file.getFileName());
                Files.copy(file, copy);
                if (file.equals(torn.file())) {
                    new LogDamage(copy, torn.offset(), false).cutOff();
                }
            }
            return sequenceIn(copies);
        } finally {
            for (Path copy : LogDamage.logFiles(copies)) {
                Files.delete(copy);
            }
            Files.delete(copies);
        }
    }

    private void checkProven(long sequence) throws StorageException {
        if (sequence < context.provenSequence()) {
            throw new StorageException.Corrupted(directory + " ends at change " + sequence + ", but change "
                    + context.provenSequence() + " was acknowledged: a file is damaged, missing or old" + WHAT_NOW);
        }
    }

    private OpenDatabase openForWriting() throws IOException {
        try {
            return OpenDatabase.open(directory, context.options());
        } catch (RocksDBException e) {
            throw Faults.atOpen(directory, e);
        }
    }

    /** The last change that is found with the log files of that directory; nothing is changed. */
    private long sequenceIn(Path logs) throws IOException {
        try {
            OpenDatabase probed = OpenDatabase.openForReading(directory, logs, context.options());
            try {
                byte[] record = probed.database.get(probed.meta, Keys.array(OrderedBackend.sequenceKey()));
                return record == null
                        ? 0
                        : OrderedBackend.highestSequence(ByteBuffer.wrap(record), context.storageId());
            } finally {
                probed.free();
            }
        } catch (RocksDBException e) {
            throw Faults.atOpen(directory, e);
        }
    }
}
