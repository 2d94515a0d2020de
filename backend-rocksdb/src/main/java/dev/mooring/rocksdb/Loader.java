// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Reads what is stored of the whole storage and of its groups, see {@link Keys}. */
final class Loader {

    private final OpenDatabase open;

    private Loader(OpenDatabase open) {
        this.open = open;
    }

    /** Of the last change, and the number that the next new group gets; zeros in a new database. */
    record Header(long sequence, int nextGroup) {}

    static Header header(OpenDatabase open) throws StorageException, RocksDBException {
        byte[] stored = open.database.get(open.meta, Keys.SEQUENCE);
        if (stored == null) {
            return new Header(0, 0);
        }
        ByteBuffer numbers = ByteBuffer.wrap(stored);
        if (numbers.remaining() != Keys.SEQUENCE_BYTES) {
            throw open.damaged(
                    "the record of the sequence has " + numbers.remaining() + " bytes, not " + Keys.SEQUENCE_BYTES);
        }
        return new Header(numbers.getLong(), numbers.getInt());
    }

    /** Groups by number. */
    static Map<Integer, Group.Loading> groups(OpenDatabase open) throws IOException, RocksDBException {
        return new Loader(open).groups();
    }

    private Map<Integer, Group.Loading> groups() throws IOException, RocksDBException {
        Map<Integer, Group.Loading> found = new HashMap<>();
        try (ReadOptions options = new ReadOptions().setVerifyChecksums(true).setTotalOrderSeek(true);
                RocksIterator records = open.database.newIterator(open.meta, options)) {
            for (records.seek(Keys.FIRST_GROUP); records.isValid() && Keys.isMeta(records.key()); records.next()) {
                byte[] record = records.key();
                load(
                        found.computeIfAbsent(Keys.groupOf(record), number -> new Group.Loading()),
                        Keys.kindOf(record),
                        records.value());
            }
            records.status();
        }
        return found;
    }

    private void load(Group.Loading loading, byte kind, byte[] record) throws IOException {
        // a group's records sort by kind, and its name is needed to check the others: they are kept until it is known
        if (kind == Keys.ATTACHMENT) {
            loading.attachment = ByteBuffer.wrap(record);
        } else if (kind == Keys.BOUNDS && record.length == 16) {
            loading.firstIndex = ByteBuffer.wrap(record).getLong();
            loading.lastIndex = ByteBuffer.wrap(record).getLong(8);
        } else if (kind == Keys.HARD_STATE) {
            loading.sealedHardState = record;
        } else if (kind == Keys.NAME) {
            loading.name = new String(record, StandardCharsets.US_ASCII);
            loading.unseal();
        } else if (kind == Keys.SNAPSHOT && loading.name != null) {
            loading.snapshot = SnapshotPointer.decode(loading.name, ByteBuffer.wrap(record));
        } else {
            throw open.damaged("a record of kind " + kind + " and " + record.length + " bytes belongs to no group");
        }
    }
}
