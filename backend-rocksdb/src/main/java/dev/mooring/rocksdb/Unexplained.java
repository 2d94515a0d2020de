// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import java.io.IOException;
import org.rocksdb.RocksDBException;

/** Carries what RocksDB says to where it is known what was being done. */
final class Unexplained extends IOException {

    private static final long serialVersionUID = 1;

    final transient RocksDBException thrown;

    Unexplained(RocksDBException thrown) {
        super(thrown);
        this.thrown = thrown;
    }
}
