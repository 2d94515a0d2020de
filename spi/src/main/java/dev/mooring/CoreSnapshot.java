// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.PublishedSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A published snapshot, open until its reader or the storage closes it. */
final class CoreSnapshot implements Snapshot {

    private final PublishedSnapshot published;
    private final OpenHandles handles;

    CoreSnapshot(PublishedSnapshot published, OpenHandles handles) {
        this.published = published;
        this.handles = handles;
    }

    @Override
    public long index() {
        return published.index();
    }

    @Override
    public long term() {
        return published.term();
    }

    @Override
    public @Nullable ByteBuffer configuration() {
        return published.configuration();
    }

    @Override
    public Map<String, Long> files() {
        return published.files();
    }

    @Override
    public InputStream open(String name) throws IOException {
        return published.open(name);
    }

    @Override
    public int read(String name, long position, ByteBuffer target) throws IOException {
        return published.read(name, position, target);
    }

    @Override
    public void close() throws IOException {
        handles.remove(this);
        published.close();
    }
}
