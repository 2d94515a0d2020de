// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.io.IOException;

/** Receives the entries of a read, in order, on the reading thread, which holds no lock of the storage. */
@FunctionalInterface
public interface EntryReader {

    /**
     * Takes one entry, verified and the reader's to keep.
     *
     * @param entry the next entry
     * @return false to end the read
     * @throws IOException if the reader can not go on; it ends the read and is passed on to its caller
     */
    boolean read(LogEntry entry) throws IOException;
}
