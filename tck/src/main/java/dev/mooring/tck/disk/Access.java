// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** How a file is opened: {@link OpenOption}s, sorted out as {@link java.nio.channels.FileChannel#open} does. */
record Access(
        boolean read,
        boolean write,
        boolean append,
        boolean truncate,
        boolean create,
        boolean createNew,
        boolean deleteOnClose,
        boolean synced) {

    static final Access READING = new Access(true, false, false, false, false, false, false, false);

    static Access of(Set<? extends OpenOption> options) {
        for (OpenOption option : options) {
            if (!(option instanceof StandardOpenOption) && option != LinkOption.NOFOLLOW_LINKS) {
                throw new UnsupportedOperationException(option + " is not simulated");
            }
        }
        boolean append = options.contains(StandardOpenOption.APPEND);
        boolean write = append || options.contains(StandardOpenOption.WRITE);
        boolean read = options.contains(StandardOpenOption.READ) || !write;
        boolean truncate = options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (append && options.contains(StandardOpenOption.READ)) {
            throw new IllegalArgumentException("READ + APPEND not allowed");
        }
        if (append && truncate) {
            throw new IllegalArgumentException("APPEND + TRUNCATE_EXISTING not allowed");
        }
        return new Access(
                read,
                write,
                append,
                truncate,
                write && options.contains(StandardOpenOption.CREATE),
                write && options.contains(StandardOpenOption.CREATE_NEW),
                options.contains(StandardOpenOption.DELETE_ON_CLOSE),
                options.contains(StandardOpenOption.SYNC) || options.contains(StandardOpenOption.DSYNC));
    }
}
