// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.util.List;

/** One call with all its values, ready to be made on any {@link Target}. */
public sealed interface Call {

    /** Makes the call. */
    <X extends Exception> void on(Target<X> target) throws X;

    record Save(long sequence, List<Update> updates) implements Call {
        @Override
        public <X extends Exception> void on(Target<X> target) throws X {
            target.saveEntries(sequence, updates);
        }
    }

    record SaveSnapshot(long sequence, Update update, SnapshotPointer snapshot) implements Call {
        @Override
        public <X extends Exception> void on(Target<X> target) throws X {
            target.saveSnapshot(sequence, update, snapshot);
        }
    }

    record Release(String group, long index) implements Call {
        @Override
        public <X extends Exception> void on(Target<X> target) throws X {
            target.releaseLock(group, index);
        }
    }

    record Drop(long sequence, String group) implements Call {
        @Override
        public <X extends Exception> void on(Target<X> target) throws X {
            target.drop(sequence, group);
        }
    }

    record Reopen() implements Call {
        @Override
        public <X extends Exception> void on(Target<X> target) throws X {
            target.reopen();
        }
    }
}
