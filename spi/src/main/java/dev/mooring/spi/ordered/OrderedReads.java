// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.EntryVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What one transaction sees: records under short keys, and the entries of each group in order of their indexes. Groups are
 * numbered from 1, and a number is never used again.
 */
public interface OrderedReads {

    /**
     * Visits every record, in the order of their keys compared byte by byte as unsigned numbers, a shorter one first.
     *
     * @param visitor does not read anything else meanwhile
     * @throws IOException if the engine fails, or what the visitor throws
     */
    void eachRecord(RecordVisitor visitor) throws IOException;

    /**
     * {@return the numbers of all groups that have entries, of dropped ones too, in ascending order}
     *
     * @throws IOException if the engine fails
     */
    int[] groupsWithEntries() throws IOException;

    /**
     * Finds the first entry of a group from an index on.
     *
     * @param group number of the group
     * @param from at least 0
     * @return the lowest index there is that is not below {@code from}; -1 if there is none
     * @throws IOException if the engine fails
     */
    long firstIndex(int group, long from) throws IOException;

    /**
     * Finds the last entry of a group.
     *
     * @param group number of the group
     * @return the highest index there is; -1 if there is none
     * @throws IOException if the engine fails
     */
    long lastIndex(int group) throws IOException;

    /**
     * Visits the entries {@code first..last}, both inclusive, in order, until one is not there or the visitor returns false.
     *
     * @param group number of the group
     * @param first at least 0
     * @param last at least first
     * @param visitor takes one entry after the other; its payload need not outlive the visit
     * @throws IOException if an entry can not be read as it was written, or what the visitor throws
     */
    void read(int group, long first, long last, EntryVisitor visitor) throws IOException;

    /** Takes one record after the other. */
    @FunctionalInterface
    interface RecordVisitor {
        /**
         * Takes one.
         *
         * @param key of 4 or 5 bytes, valid until this returns
         * @param record valid until this returns
         * @throws IOException ends the visits and is passed on
         */
        void visit(ByteBuffer key, ByteBuffer record) throws IOException;
    }
}
