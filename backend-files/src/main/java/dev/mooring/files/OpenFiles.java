// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handles on segments, counted: who uses one keeps its file from being closed, overwritten or deleted. A bounded number
 * stays open without users. Safe for use by any thread.
 */
final class OpenFiles {

    private final int maxIdle;
    private final Map<Segment, StableFile> open = new LinkedHashMap<>(64, 0.75f, true); // least recently used first

    OpenFiles(int maxIdle) {
        this.maxIdle = maxIdle;
    }

    /** The segment's file, until {@link #release} is called as often; null if the segment is retired. */
    @Nullable
    StableFile acquire(Segment segment) throws IOException {
        List<StableFile> surplus = List.of();
        StableFile file;
        synchronized (this) {
            if (segment.retired) {
                return null;
            }
            file = segment.file;
            if (file == null) {
                file = StableFile.open(segment.path, StandardOpenOption.READ, StandardOpenOption.WRITE);
                segment.file = file;
                segment.users++;
                open.put(segment, file);
                surplus = surplus();
            } else {
                segment.users++;
                open.get(segment); // used most recently now
            }
        }
        for (StableFile unused : surplus) {
            unused.close();
        }
        return file;
    }

    void release(Segment segment) throws IOException {
        StableFile unused = null;
        synchronized (this) {
            segment.users--;
            if (segment.users == 0 && segment.retired) {
                unused = forget(segment);
            }
        }
        if (unused != null) {
            unused.close();
        }
    }

    /** Nobody gets the file any more. Those who have it keep it until they release it. */
    void retire(Segment segment) throws IOException {
        StableFile unused = null;
        synchronized (this) {
            segment.retired = true;
            if (segment.users == 0) {
                unused = forget(segment);
            }
        }
        if (unused != null) {
            unused.close();
        }
    }

    /** Whether a retired segment's file may be overwritten or deleted. */
    synchronized boolean isUnused(Segment segment) {
        return segment.retired && segment.users == 0;
    }

    /** Closes every file; nobody uses one any more. */
    void closeAll() throws IOException {
        List<StableFile> all;
        synchronized (this) {
            all = new ArrayList<>(open.values());
            open.keySet().forEach(segment -> {
                segment.file = null;
                segment.retired = true;
            });
            open.clear();
        }
        IOException failure = null;
        for (StableFile file : all) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private List<StableFile> surplus() {
        List<StableFile> surplus = new ArrayList<>();
        int excess = open.size() - maxIdle;
        for (Iterator<Map.Entry<Segment, StableFile>> all = open.entrySet().iterator(); excess > 0 && all.hasNext(); ) {
            Map.Entry<Segment, StableFile> each = all.next();
            if (each.getKey().users == 0) {
                all.remove();
                each.getKey().file = null;
                surplus.add(each.getValue());
                excess--;
            }
        }
        return surplus;
    }

    private @Nullable StableFile forget(Segment segment) {
        StableFile file = segment.file;
        segment.file = null;
        open.remove(segment);
        return file;
    }
}
