// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.Status;

/**
 * Keeps RocksDB from going on by itself after a failure in the background, as it does for want of space, whatever
 * {@code max_bgerror_resume_count} says. A save that waits for a buffer to be flushed meanwhile waits for that recovery, the
 * recovery for the save to end, and neither ever returns.
 */
final class NoRecovery extends AbstractEventListener {

    NoRecovery() {
        super(EnabledEventCallback.ON_ERROR_RECOVERY_BEGIN);
    }

    @Override
    public boolean onErrorRecoveryBegin(BackgroundErrorReason reason, Status error) {
        return false;
    }
}
