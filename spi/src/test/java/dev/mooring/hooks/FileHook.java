// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import java.io.IOException;
import java.nio.file.Path;

/** Called before each operation on a {@link HookedFileSystem}; what it throws, the operation throws. */
@FunctionalInterface
public interface FileHook {

    /** What is about to be done. */
    enum Operation {
        READ_ATTRIBUTES(false),
        READ_FILE_STORE(false),
        LIST(false),
        OPEN(false),
        CREATE(true),
        READ(false),
        WRITE(true),
        TRUNCATE(true),
        FORCE(true),
        LOCK(false),
        CREATE_DIRECTORY(true),
        DELETE(true),
        MOVE(true);

        private final boolean mutating;

        Operation(boolean mutating) {
            this.mutating = mutating;
        }

        /** Whether it changes what is on the disk, or what of it is durable. */
        public boolean isMutating() {
            return mutating;
        }
    }

    /** Lets the operation happen, or throws what it is to throw. */
    void before(Operation operation, Path path) throws IOException;
}
