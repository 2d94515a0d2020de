// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.StagedSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A snapshot on its way: files in a staging directory, then the commit through the group. */
final class CoreSnapshotWriter implements SnapshotWriter {

    private final StagedSnapshot staged;
    private final GroupSnapshots snapshots;
    private final OpenHandles handles;
    private boolean committed;
    private boolean closed;

    CoreSnapshotWriter(StagedSnapshot staged, GroupSnapshots snapshots, OpenHandles handles) {
        this.staged = staged;
        this.snapshots = snapshots;
        this.handles = handles;
    }

    @Override
    public OutputStream newFile(String name) throws IOException {
        return staged.newFile(name);
    }

    @Override
    public void write(String name, long position, ByteBuffer bytes) throws IOException {
        staged.write(name, position, bytes);
    }

    @Override
    public void configuration(ByteBuffer configuration) throws IOException {
        staged.configuration(configuration);
    }

    @Override
    public void commit(long index, long term, @Nullable TermAndVote termAndVote) throws IOException {
        if (committed || closed) {
            throw new IllegalStateException("Group '" + snapshots.groupName() + "': this snapshot was "
                    + (committed ? "committed" : "given up") + " already; begin a new one");
        }
        snapshots.save(staged, index, term, termAndVote);
        committed = true;
        handles.remove(this);
    }

    @Override
    public void close() throws IOException {
        handles.remove(this);
        closed = true;
        if (!committed) {
            staged.discard();
        }
    }
}
