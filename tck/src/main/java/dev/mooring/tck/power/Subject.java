// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.Update;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What is run on the disk: a whole storage, or a backend without the core around it. Used by several threads. */
public interface Subject {

    /** What scripts may ask of it. */
    Script.Shape shape();

    /** Makes, once on a new disk, what has to be there before it can be opened. Power does not fail meanwhile. */
    void prepare(Path root) throws IOException;

    /**
     * What a call accepts on its own before the rest of it is saved, step by step, each with all before it: the storage may
     * make that durable at any moment. Of a call that is atomic as a whole, nothing.
     */
    List<List<Update>> acceptedBefore(Call call, Model before);

    /** Opens and recovers. */
    Session open(Path root) throws IOException;

    /** An open storage. Used by one thread. */
    interface Session extends Target<IOException>, AutoCloseable {

        /** Everything that it holds. Of a bare backend only right after an open. */
        Picture picture() throws IOException;

        /** Runs this, on any thread, when all calls made so far are durable; at once where calls return no sooner. */
        default void whenDurable(Runnable acknowledge) {
            acknowledge.run();
        }

        /** What was mended at open. */
        int repairs();

        @Override
        void close() throws IOException;
    }
}
