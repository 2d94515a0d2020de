// SPDX-License-Identifier: Apache-2.0
/** The backend {@code rocksdb}. */
module dev.mooring.backend.rocksdb {
    requires dev.mooring.spi;
    requires rocksdbjni;
    requires static com.google.auto.service;
    requires static org.jspecify;

    provides dev.mooring.spi.StorageProvider with
            dev.mooring.rocksdb.RocksDbStorageProvider;
}
