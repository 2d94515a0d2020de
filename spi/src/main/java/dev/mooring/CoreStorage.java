// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.StorageException;
import java.util.Optional;

/** Opens storages; the engine room behind {@link RaftStorage} is built on the interfaces around it. */
final class CoreStorage {
    private CoreStorage() {}

    static RaftStorage open(StorageConfig config, StorageObserver observer) throws StorageException {
        Optional<RaftStorage> none = Optional.empty();
        return none.orElseThrow(() -> new StorageException.Refused("The core is not part of this build"));
    }
}
