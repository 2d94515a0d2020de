// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Snapshot readers and writers that are still open: the storage closes them when it is closed itself (rule LIFE-3). */
final class OpenHandles {

    private static final System.Logger LOG = System.getLogger(OpenHandles.class.getName());

    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

    void add(AutoCloseable handle) {
        open.add(handle);
    }

    void remove(AutoCloseable handle) {
        open.remove(handle);
    }

    void closeAll() {
        for (AutoCloseable handle : open) {
            try {
                handle.close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "A snapshot left open can not be closed", e);
            }
        }
    }
}
