// SPDX-License-Identifier: Apache-2.0
/** The backend {@code files}: Mooring's own log in plain files. */
module dev.mooring.backend.files {
    requires static com.google.auto.service;
    requires static org.jspecify;
    requires dev.mooring.spi;

    exports dev.mooring.files;

    provides dev.mooring.spi.StorageProvider with
            dev.mooring.files.FilesStorageProvider;
}
