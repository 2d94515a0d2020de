// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Repair;

/**
 * Is told what a storage does, for metrics and logs. Called on the thread that did it, with no lock held; it must be quick
 * and must not throw (what it throws is logged once and otherwise ignored). Whoever waits for that thread waits for the
 * observer, too, so it must not wait for the storage: changes and {@code close} called from here throw
 * {@link IllegalStateException}, but for {@link #snapshotSaved} and {@link #failed}, which may call anything. Every method
 * has an empty default.
 */
public interface StorageObserver {

    /** Observes nothing. */
    StorageObserver NONE = new StorageObserver() {};

    /**
     * One write and sync went well.
     *
     * @param callers saves and syncs that it covered
     * @param groups groups it changed
     * @param entries entries it wrote
     * @param bytes bytes of their payloads
     * @param nanos how long the backend took
     */
    record Save(int callers, int groups, int entries, long bytes, long nanos) {}

    /**
     * A snapshot became durable.
     *
     * @param group group it belongs to
     * @param index last entry covered
     * @param term term of that entry, -1 if unknown
     * @param bytes length of its files; 0 where the engine keeps them
     * @param nanos from commit to durable
     */
    record SnapshotSaved(String group, long index, long term, long bytes, long nanos) {}

    /**
     * Entries were released.
     *
     * @param group group they belonged to
     * @param firstIndex the oldest entry now held
     */
    record Release(String group, long firstIndex) {}

    /**
     * A storage was opened.
     *
     * @param groups groups found
     * @param sequence number of the last durable change
     * @param endedCleanly whether the last user closed it
     * @param nanos how long opening took
     */
    record Recovery(int groups, long sequence, boolean endedCleanly, long nanos) {}

    /**
     * One write and sync went well.
     *
     * @param save what it covered and how long it took
     */
    default void saved(Save save) {}

    /**
     * A snapshot became durable.
     *
     * @param snapshot which one, how large, and how long it took
     */
    default void snapshotSaved(SnapshotSaved snapshot) {}

    /**
     * Entries were released.
     *
     * @param release of which group, and what is left
     */
    default void released(Release release) {}

    /**
     * The storage was opened.
     *
     * @param recovery what was found
     */
    default void recovered(Recovery recovery) {}

    /**
     * Something was mended at open, such as a torn last save.
     *
     * @param repair which file, where, and what was done
     */
    default void repaired(Repair repair) {}

    /**
     * The storage failed and is poisoned; told once, on the thread that also completes futures. It may close the storage.
     * Logged instead where the system has no thread left for that; the next change fails in any case.
     *
     * @param cause the first failure
     */
    default void failed(Throwable cause) {}
}
