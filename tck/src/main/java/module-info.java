// SPDX-License-Identifier: Apache-2.0
/**
 * The contract of a storage backend as tests: extend {@link dev.mooring.tck.StorageTck}, or run
 * {@link dev.mooring.tck.Main} against a jar.
 */
module dev.mooring.tck {
    requires java.logging;
    requires java.management;
    requires jdk.management;
    requires transitive dev.mooring.spi;
    requires transitive org.junit.jupiter.api;
    requires org.junit.platform.engine;
    requires org.junit.platform.launcher;
    requires static org.jspecify;

    exports dev.mooring.tck;
    exports dev.mooring.tck.disk;
    exports dev.mooring.tck.process;

    opens dev.mooring.tck to
            org.junit.platform.commons;

    uses dev.mooring.spi.StorageProvider;
}
