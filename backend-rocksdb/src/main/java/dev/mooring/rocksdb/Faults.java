// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Says in our words what RocksDB says in its own. */
final class Faults {

    private Faults() {}

    static IOException explain(Path directory, String what, RocksDBException e) {
        Status status = e.getStatus();
        if (status != null && status.getCode() == Status.Code.Corruption) {
            return new StorageException.Corrupted(
                    directory + ": " + what + ": RocksDB found damage: " + e.getMessage()
                            + ". Rebuild this server from its peers; only where no majority is whole, put the whole"
                            + " directory back from one backup",
                    e);
        }
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            return new IOException(directory + ": " + what + ": the disk is full", e);
        }
        return new IOException(directory + ": " + what + ": " + e.getMessage(), e);
    }

    static IOException atOpen(Path directory, RocksDBException e) {
        if (String.valueOf(e.getMessage()).contains("not linked")) { // InvalidArgument, too
            return new StorageException.Refused(
                    directory + ": " + e.getMessage() + " Set mooring.rocksdb.compression to another value; what is"
                            + " compressed already can only be read with a library that has it",
                    e);
        }
        if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.InvalidArgument) {
            return new StorageException.Corrupted(
                    directory + ": RocksDB's books do not fit: " + e.getMessage()
                            + ". Nothing was changed. Rebuild this server from its peers;"
                            + " only where no majority is whole, put the whole directory back from one backup",
                    e);
        }
        return explain(directory, "it can not be opened", e);
    }
}
