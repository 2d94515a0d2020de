// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.util.List;

/**
 * What calls can be made on: a backend, a whole storage, or the model of one. The verbs are those of
 * {@link dev.mooring.spi.StorageBackend}.
 *
 * @param <X> what a verb may throw
 */
public interface Target<X extends Exception> {

    void saveEntries(long sequence, List<Update> updates) throws X;

    void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws X;

    void releaseLock(String group, long index) throws X;

    void drop(long sequence, String group) throws X;

    /** Closes and opens again. */
    void reopen() throws X;
}
