// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ready;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * One of the components whose state makes up a node's state machine. Its bytes are one section of a snapshot.
 *
 * <p>Called on the thread that calls {@link ReadyStorage}, which is the one that applies entries: the state stands still
 * while it is saved or restored.
 */
public interface Component {

    /**
     * Writes the state as of the last applied entry. Must not close the stream.
     *
     * @param section takes the bytes of this section
     * @throws IOException if the state can not be written; the snapshot is given up
     */
    void save(OutputStream section) throws IOException;

    /**
     * Replaces the state by what {@link #save} wrote, here or on another node.
     *
     * @param section gives the bytes of this section, and ends with them
     * @throws IOException if the bytes can not be read or understood; the node must end
     */
    void restore(InputStream section) throws IOException;
}
