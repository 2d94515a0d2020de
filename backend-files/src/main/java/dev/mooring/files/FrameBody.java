// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.io.IOException;

/** Something that can put the same bytes into a sink again and again. */
@FunctionalInterface
interface FrameBody {

    void putInto(FrameSink sink) throws IOException;

    /** How many bytes that is. */
    default long bytes() throws IOException {
        FrameSink counting = FrameSink.counting();
        putInto(counting);
        return counting.position();
    }
}
