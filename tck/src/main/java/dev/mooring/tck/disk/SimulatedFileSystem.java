// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Set;

/** One disk, mounted. It is never closed; when nobody refers to it any more it is gone. */
final class SimulatedFileSystem extends FileSystem {

    static final Set<String> VIEWS = Set.of("basic", "owner", "posix");

    private final Volume volume;
    private final SimulatedProvider provider;
    private final SimulatedFileStore store; // the one there is, for file stores are compared

    SimulatedFileSystem(Volume volume) {
        this.volume = volume;
        this.provider = new SimulatedProvider(this);
        this.store = new SimulatedFileStore(volume);
    }

    Volume volume() {
        return volume;
    }

    SimulatedFileStore store() {
        return store;
    }

    SimulatedPath root() {
        return new SimulatedPath(this, true, List.of());
    }

    @Override
    public SimulatedProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("a simulated disk stays mounted");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of(store);
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return VIEWS;
    }

    @Override
    public SimulatedPath getPath(String first, String... more) {
        return SimulatedPath.parse(this, more.length == 0 ? first : first + "/" + String.join("/", more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("a simulated disk has one user");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("a simulated disk can not be watched");
    }
}
