// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;

/** Receives the entries of a read, in order, on the reading thread. */
@FunctionalInterface
public interface EntryVisitor {

    /**
     * Takes one entry, whose payload is valid only until this returns.
     *
     * @return false to end the read
     */
    boolean visit(Entry entry) throws IOException;
}
