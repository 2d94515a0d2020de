// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import java.io.IOException;

/**
 * An open engine with ordered keys and transactions. {@link #change}, {@link #loaded} and {@link #close} come one at a time;
 * {@link #read} comes from any thread beside them, unless the backend is confined to one
 * ({@link dev.mooring.spi.ConfinedBackend}).
 *
 * <p>What an engine says of a failure is thrown as IOException that names the directory and what could not be done, and damage
 * as {@link dev.mooring.spi.StorageException.Corrupted}.
 */
public interface OrderedEngine {

    /** {@return whether this opening created the data: nothing was there} */
    boolean isNew();

    /**
     * Runs something in a transaction that sees one state of everything. Waits for nothing but a bounded number of other reads.
     *
     * @param what what can not be done if it fails, for the message
     * @param reading may hand out the engine's own memory, which it does not use after it has returned
     * @param <T> what it finds
     * @return what the reading returns
     * @throws IOException if the engine fails; what the reading throws is passed on
     */
    <T> T read(String what, Reading<T> reading) throws IOException;

    /**
     * Writes one transaction. When this returns it is atomic, as durable as the backend claims, and seen by every later read.
     *
     * @param what what can not be done if it fails, for the message
     * @param addedBytes about how many bytes are added, for an engine that makes room first
     * @param writing may be run again from the start, in a new transaction, after the one before was given up
     * @throws IOException if it may not be durable; then nothing but reads and {@link #close} follow
     */
    void change(String what, long addedBytes, Writing writing) throws IOException;

    /**
     * What was found fits together, up to this change. Called once, before the first change: here an engine gives up what it
     * took for torn, and begins what it does in the background.
     *
     * @param sequence number of the last change that was found; 0 in a new storage
     * @throws IOException if it can not go on, {@code Corrupted} if it is known that later changes were acknowledged
     */
    default void loaded(long sequence) throws IOException {}

    /** Returns when every read that is running now has ended; later ones may wait meanwhile. */
    void awaitReaders();

    /**
     * Waits for running reads, then lets go of every file, thread and mapping. Called once.
     *
     * @param whole whether everything that was begun has succeeded; if not, nothing is written or forced any more
     * @throws IOException if something could not be made durable that must be
     */
    void close(boolean whole) throws IOException;

    /**
     * Looks at what is stored.
     *
     * @param <T> what it finds
     */
    @FunctionalInterface
    interface Reading<T> {
        /**
         * Reads.
         *
         * @param reads valid until this returns
         * @return what was found
         * @throws IOException passed on to the caller
         */
        T read(OrderedReads reads) throws IOException;
    }

    /** Changes what is stored. */
    @FunctionalInterface
    interface Writing {
        /**
         * Writes.
         *
         * @param writes valid until this returns
         * @throws IOException ends the transaction without an effect, and is passed on to the caller
         */
        void write(OrderedWrites writes) throws IOException;
    }
}
