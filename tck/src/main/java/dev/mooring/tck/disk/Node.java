// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A mounted file or directory. Guarded by its volume. */
abstract sealed class Node {

    final long number;
    Set<PosixFilePermission> permissions = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    boolean linked = true; // a path leads to it

    Node(long number) {
        this.number = number;
    }

    /** A file. It lives on without a name for as long as it is open. */
    static final class OfFile extends Node {
        private FileContent content;
        int handles;

        OfFile(long number, FileContent content) {
            super(number);
            this.content = content;
        }

        FileContent content() {
            return content;
        }

        /** The content, not shared with any image. */
        FileContent changing() {
            if (content.isFrozen()) {
                content = content.copy();
            }
            return content;
        }
    }

    /** A directory. */
    static final class OfDirectory extends Node {
        final Map<String, Node> entries = new HashMap<>();

        OfDirectory(long number) {
            super(number);
            permissions = EnumSet.of(
                    PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
        }
    }
}
