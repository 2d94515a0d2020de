// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is known of one group in memory. Bounds are read by readers while the one writer moves them. */
final class Group {

    final int number;
    volatile long firstIndex;
    volatile long lastIndex;
    long deletedBelow; // entries from here to firstIndex are released, and still to be deleted

    Group(int number, long firstIndex, long lastIndex) {
        this.number = number;
        this.firstIndex = firstIndex;
        this.lastIndex = lastIndex;
        this.deletedBelow = firstIndex;
    }

    boolean isEmpty() {
        return lastIndex < firstIndex;
    }

    /** Begins an empty log anew, anywhere. */
    void begin(long index) {
        firstIndex = index;
        lastIndex = index - 1;
        deletedBelow = index;
    }

    ByteBuffer bounds() {
        return ByteBuffer.allocate(16).putLong(firstIndex).putLong(lastIndex).flip();
    }

    /** A group while it is being loaded, key by key. */
    static final class Loading {
        @Nullable
        String name;

        byte @Nullable [] sealedHardState;
        HardState hardState = HardState.INITIAL;

        @Nullable
        SnapshotPointer snapshot;

        @Nullable
        ByteBuffer attachment;

        long firstIndex;
        long lastIndex = -1;

        /** The name is known now: the hard state, which sorts before it, can be checked. */
        void unseal() throws StorageException {
            if (name != null && sealedHardState != null) {
                hardState = HardState.decode(name, ByteBuffer.wrap(sealedHardState));
            }
        }

        GroupState state() {
            return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
        }
    }
}
