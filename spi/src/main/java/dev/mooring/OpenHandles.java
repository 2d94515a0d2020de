// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.StorageException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Snapshot readers and writers that are still open: the storage closes them when it is closed itself (rule LIFE-3). */
final class OpenHandles {

    private static final System.Logger LOG = System.getLogger(OpenHandles.class.getName());

    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** One that was opened while the storage closed is closed, too, and refused. */
    <T extends AutoCloseable> T add(T handle) throws StorageException {
        open.add(handle);
        if (closed) {
            close(handle);
            throw new StorageException.Failed("The storage was closed meanwhile; open it again");
        }
        return handle;
    }

    void remove(AutoCloseable handle) {
        open.remove(handle);
    }

    void closeAll() {
        closed = true;
        open.forEach(OpenHandles::close);
    }

    private static void close(AutoCloseable handle) {
        try {
            handle.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "A snapshot left open can not be closed", e);
        }
    }
}
