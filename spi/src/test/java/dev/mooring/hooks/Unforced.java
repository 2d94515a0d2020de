// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keeps account of what a power cut could take back: files written, and directories changed, since they were forced. */
public final class Unforced implements FileHook {

    private final SortedSet<Path> paths = new TreeSet<>();

    /** Files and directories that hold something that was not forced. */
    public SortedSet<Path> paths() {
        return paths;
    }

    @Override
    public void before(Operation operation, Path path) {
        switch (operation) {
            case CREATE -> {
                add(path);
                add(path.getParent());
            }
            case WRITE, TRUNCATE -> add(path);
            case CREATE_DIRECTORY, MOVE -> add(path.getParent());
            case DELETE -> {
                paths.removeIf(known -> known.startsWith(path)); // what is gone has nothing left to force
                add(path.getParent());
            }
            case FORCE -> paths.remove(path);
            case READ_ATTRIBUTES, READ_FILE_STORE, LIST, OPEN, READ, LOCK -> {}
        }
        paths.removeIf(known -> !operation.isMutating() && Files.notExists(known)); // a directory that was renamed
    }

    private void add(@Nullable Path path) {
        if (path != null) {
            paths.add(path);
        }
    }
}
