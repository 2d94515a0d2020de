// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;

/** Receives the entries of a read, in order, on the reading thread. */
@FunctionalInterface
public interface EntryVisitor {

    /**
     * Takes one entry, whose payload is valid only until this returns.
     *
     * @param entry the next entry; copy what must outlive the call
     * @return false to end the read
     * @throws IOException if the visitor can not go on; it ends the read and is passed on
     */
    boolean visit(Entry entry) throws IOException;
}
