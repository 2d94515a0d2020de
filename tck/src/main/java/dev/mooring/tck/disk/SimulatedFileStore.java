// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import org.jspecify.annotations.Nullable;

/** The space of a disk. */
final class SimulatedFileStore extends FileStore {

    private final Volume volume;

    SimulatedFileStore(Volume volume) {
        this.volume = volume;
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public String type() {
        return "simulated";
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public long getTotalSpace() {
        return volume.totalBytes();
    }

    @Override
    public long getUsableSpace() {
        return volume.totalBytes() - volume.usedBytes();
    }

    @Override
    public long getUnallocatedSpace() {
        return getUsableSpace();
    }

    @Override
    public long getBlockSize() {
        return Page.BYTES;
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
        return type.isAssignableFrom(AttributeView.class);
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
        return SimulatedFileSystem.VIEWS.contains(name);
    }

    @Override
    public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
        return null;
    }

    @Override
    public Object getAttribute(String attribute) {
        throw new UnsupportedOperationException(attribute + " of a simulated disk is not known");
    }
}
