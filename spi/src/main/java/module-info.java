// SPDX-License-Identifier: Apache-2.0
/**
 * Durable storage for Raft: {@code dev.mooring} is what an engine uses, {@code dev.mooring.spi} is what a backend
 * implements.
 */
module dev.mooring.spi {
    requires static org.jspecify;

    exports dev.mooring;
    exports dev.mooring.ready;
    exports dev.mooring.spi;
    exports dev.mooring.spi.ordered;

    uses dev.mooring.spi.StorageProvider;
}
