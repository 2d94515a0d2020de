// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What the core tells a backend when it opens a data directory.
 *
 * @param directory the backend's own directory; exists, is locked, may be empty. All access goes through this path's own
 *     file system, so that a simulated one can stand in
 * @param options checked and complete
 * @param storageId identity of this storage; a file that carries another one is not ours
 * @param provenSequence the highest sequence that is known to have been acknowledged, 0 if none: state below it is damage,
 *     never a torn tail
 * @param endedCleanly whether the last user closed it; if not, the page cache may show a last change that never reached
 *     the disk. True in a new directory, where nothing is proven, either
 * @param repairs told what the backend mended
 */
public record BackendContext(
        Path directory,
        Options options,
        UUID storageId,
        long provenSequence,
        boolean endedCleanly,
        Consumer<Repair> repairs) {

    /**
     * Tells the core, and through its observer and log the operator, what was mended at open.
     *
     * @param repair which file, where, and what was done
     */
    public void report(Repair repair) {
        repairs.accept(repair);
    }
}
