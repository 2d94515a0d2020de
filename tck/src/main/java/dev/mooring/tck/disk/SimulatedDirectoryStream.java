// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The entries that a directory had when the stream was opened, in no order. */
final class SimulatedDirectoryStream implements DirectoryStream<Path> {

    private final Handle handle;
    private final Path directory;
    private final List<String> names;
    private final Filter<? super Path> filter;
    private boolean begun;

    SimulatedDirectoryStream(Handle handle, Path directory, List<String> names, Filter<? super Path> filter) {
        this.handle = handle;
        this.directory = directory;
        this.names = names;
        this.filter = filter;
    }

    @Override
    public Iterator<Path> iterator() {
        if (begun) {
            throw new IllegalStateException("Iterator already obtained");
        }
        if (!handle.isOpen()) {
            throw new IllegalStateException("Directory stream is closed");
        }
        begun = true;
        List<Path> accepted = new ArrayList<>();
        try {
            for (String name : names) {
                Path path = directory.resolve(name);
                if (filter.accept(path)) {
                    accepted.add(path);
                }
            }
        } catch (IOException e) {
            throw new DirectoryIteratorException(e);
        }
        return accepted.iterator();
    }

    @Override
    public void close() {
        handle.close();
    }
}
