// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that is being written where no reader looks. For use by one thread at a time; {@link #discard} by any.
 *
 * <p>After the first failure of a write everything but {@link #discard} fails with its cause: what is on the disk is not
 * what was handed over. Nothing else is harmed.
 */
public final class StagedSnapshot {

    /** Files at work at once, each with a handle and a buffer: chunks of as many files may come in turns. */
    private static final int MAX_AT_WORK = 16;

    private final GroupDirectory directory;
    private final Path staging;
    private final ManifestWriter manifest;
    private final Buffers buffers;

    private final Map<String, StagedFile> files = new HashMap<>(); // by name ignoring case
    private final Set<StagedFile> atWork = new LinkedHashSet<>(); // least recently used first
    private final Set<String> openStreams = new LinkedHashSet<>();
    private @Nullable ByteBuffer configuration;
    private @Nullable Throwable failure;
    private @Nullable SnapshotPointer sealed;
    private boolean ended; // published, perhaps, or discarded
    private boolean held; // it is being decided whether this is published
    private boolean discardWanted;

    StagedSnapshot(GroupDirectory directory, Path staging, ManifestWriter manifest, Buffers buffers) {
        this.directory = directory;
        this.staging = staging;
        this.manifest = manifest;
        this.buffers = buffers;
    }

    /** Name of the group. */
    public String group() {
        return directory.group();
    }

    /**
     * Begins a file and returns the stream that fills it; closing the stream ends the file. It buffers, and its
     * {@code flush} does nothing.
     *
     * @param name 1 to 128 characters of {@code [A-Za-z0-9._-]}, no dot at either end, new in this snapshot, also on a
     *     disk that ignores case
     */
    public synchronized OutputStream newFile(String name) throws IOException {
        checkWritable();
        StagedFile same = find(name);
        if (same != null) {
            throw new IllegalArgumentException(
                    "Group '" + group() + "': the snapshot has a file '" + same.name() + "' already");
        }
        StagedFile file = create(name);
        openStreams.add(name);
        return new Stream(file);
    }

    /** Writes at any position of a file, which is created if need be; gaps read as zeros. */
    public synchronized void write(String name, long position, ByteBuffer bytes) throws IOException {
        checkWritable();
        if (position < 0 || position > Blocks.MAX_FILE_BYTES - bytes.remaining()) {
            throw new IllegalArgumentException("Group '" + group() + "': " + bytes.remaining() + " bytes at " + position
                    + " of file '" + name + "' are not between 0 and " + Blocks.MAX_FILE_BYTES);
        }
        StagedFile file = find(name);
        if (file != null && !file.name().equals(name)) {
            throw new IllegalArgumentException("Group '" + group() + "': file '" + name + "' can not be told from '"
                    + file.name() + "' on a disk that ignores case");
        }
        write(file == null ? create(name) : file, position, bytes);
    }

    private @Nullable StagedFile find(String name) {
        FileName.check(group(), name);
        return files.get(FileName.ignoringCase(name));
    }

    private StagedFile create(String name) throws IOException {
        if (files.size() >= ManifestHead.MAX_FILES) {
            throw new IllegalArgumentException(
                    "Group '" + group() + "': a snapshot has at most " + ManifestHead.MAX_FILES + " files");
        }
        return attempt(() -> {
            StagedFile file = StagedFile.create(staging, name, buffers);
            files.put(FileName.ignoringCase(name), file);
            use(file);
            return file;
        });
    }

    private void write(StagedFile file, long position, ByteBuffer bytes) throws IOException {
        attempt(() -> {
            use(file);
            file.write(position, bytes);
            return file;
        });
    }

    /** Notes that a file is at work, and lays the one to rest that was not used for longest. */
    private void use(StagedFile file) throws IOException {
        atWork.remove(file);
        atWork.add(file);
        Iterator<StagedFile> leastRecentlyUsed = atWork.iterator();
        while (atWork.size() > MAX_AT_WORK) {
            StagedFile resting = leastRecentlyUsed.next();
            leastRecentlyUsed.remove();
            resting.rest();
        }
    }

    /** Keeps a configuration with the snapshot, in place of one given before; at most 64 KiB. */
    public synchronized void configuration(ByteBuffer bytes) throws IOException {
        checkWritable();
        if (bytes.remaining() > ManifestHead.MAX_CONFIGURATION_BYTES) {
            throw new IllegalArgumentException("Group '" + group() + "': a configuration of " + bytes.remaining()
                    + " bytes is longer than " + ManifestHead.MAX_CONFIGURATION_BYTES);
        }
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
        configuration = copy.put(bytes.duplicate()).flip();
    }

    /** Length of all files so far. */
    public synchronized long bytes() {
        return files.values().stream().mapToLong(StagedFile::bytes).sum();
    }

    /**
     * Ends writing: every file, the manifest and the staging directory are written and forced. What remains is to publish.
     *
     * @param index index of the last entry covered, from 0
     * @param term term of that entry, from 0
     * @param id never used before in this storage
     * @throws IllegalStateException if a stream is still open, for what wrote to it may hold back bytes; close it and call
     *     again
     */
    public synchronized void seal(long index, long term, long id) throws IOException {
        checkWritable();
        SnapshotPointer pointer = new SnapshotPointer(index, term, false, id);
        if (term < 0) {
            throw new IllegalArgumentException("Group '" + group() + "': a snapshot needs the term of entry " + index);
        }
        if (!openStreams.isEmpty()) {
            throw new IllegalStateException("Group '" + group() + "': the streams over files " + openStreams
                    + " are still open; close them before the snapshot at " + index + " is committed");
        }
        attempt(() -> {
            List<StagedFile> ordered = new ArrayList<>(files.values());
            ordered.sort(Comparator.comparing(StagedFile::name));
            for (StagedFile file : ordered) {
                file.finish();
            }
            atWork.clear();
            manifest.write(staging, pointer, configuration, ordered);
            StableFile.forceDirectory(staging);
            return pointer;
        });
        sealed = pointer;
    }

    /**
     * Checks that this can be published, and runs a decision about it. If that decides for it, by an answer that is not
     * null, discarding does nothing from then on, and {@link SnapshotFiles#publish} follows.
     *
     * @throws IllegalStateException if it is not sealed, or was published or discarded; the decision did not run
     */
    public <T> @Nullable T holding(Decision<T> decision) throws IOException {
        synchronized (this) {
            directory.checkPublishable(checkSealed());
            held = true;
        }
        T decided = null;
        try {
            decided = decision.run();
            return decided;
        } finally {
            if (decided == null) {
                letGo();
            }
        }
    }

    private synchronized void letGo() {
        held = false;
        if (discardWanted) {
            discard();
        }
    }

    /** What is decided about a snapshot that stays as it is meanwhile; null decides against it. */
    @FunctionalInterface
    public interface Decision<T> {
        @Nullable
        T run() throws IOException;
    }

    private SnapshotPointer checkSealed() {
        SnapshotPointer pointer = sealed;
        if (pointer == null || ended) {
            throw new IllegalStateException("Group '" + group() + "': "
                    + (pointer == null
                            ? "the snapshot is not sealed"
                            : "the snapshot at " + pointer.index() + " was "
                                    + "published before, or its writer was closed")
                    + "; nothing was changed. Begin a new one");
        }
        return pointer;
    }

    /** Once called, discarding does nothing: it may be published even if this throws. */
    synchronized void publish() throws IOException {
        SnapshotPointer pointer = checkSealed();
        ended = true;
        try {
            directory.publish(staging, pointer);
        } catch (IllegalStateException e) {
            ended = false;
            throw e;
        }
    }

    /** Removes every trace of it, unless it was published. Calling it again does nothing. */
    public synchronized void discard() {
        if (held) {
            discardWanted = true; // unless it is published
            return;
        }
        if (ended) {
            return;
        }
        ended = true;
        for (StagedFile file : files.values()) {
            try {
                file.abandon();
            } catch (IOException e) {
                directory.notClosed(file.name(), e);
            }
        }
        directory.discard(staging);
    }

    private void checkWritable() throws IOException {
        if (failure != null) {
            throw new IOException(
                    "Group '" + group() + "': writing the snapshot in " + staging
                            + " failed before, so it can only be given up: " + failure.getMessage(),
                    failure);
        }
        if (sealed != null || ended) {
            throw new IllegalStateException("Group '" + group() + "': the snapshot in " + staging + " was "
                    + (ended ? "published or given up" : "sealed") + "; begin a new one");
        }
    }

    private <T> T attempt(Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    @FunctionalInterface
    private interface Step<T> {
        T run() throws IOException;
    }

    private final class Stream extends OutputStream {

        private final StagedFile file;
        private long position;
        private boolean closed;

        Stream(StagedFile file) {
            this.file = file;
        }

        @Override
        public void write(int b) throws IOException {
            synchronized (StagedSnapshot.this) {
                checkWritable();
                if (!closed && position == file.bytes() && file.append(b)) {
                    position++;
                    return;
                }
            }
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            ByteBuffer source = ByteBuffer.wrap(bytes, offset, count);
            synchronized (StagedSnapshot.this) {
                checkWritable();
                if (closed) {
                    throw new IOException("The stream over file '" + file.name() + "' is closed");
                }
                StagedSnapshot.this.write(file, position, source);
                position += count;
            }
        }

        @Override
        public void close() throws IOException {
            synchronized (StagedSnapshot.this) {
                if (closed) {
                    return;
                }
                closed = true;
                openStreams.remove(file.name());
                if (failure == null && !ended) {
                    attempt(() -> {
                        atWork.remove(file);
                        file.finish();
                        return file;
                    });
                }
            }
        }
    }
}
