// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StorageBackend;
import java.io.IOException;

/** Opens the backend that something odd is added to. */
@FunctionalInterface
interface Opening {

    StorageBackend open(BackendContext context) throws IOException;
}
