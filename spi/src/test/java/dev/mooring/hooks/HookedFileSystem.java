// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import dev.mooring.hooks.FileHook.Operation;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * The real file system seen through a provider of its own, with a hook before each operation. For faults that the real one
 * does not produce to order.
 */
public final class HookedFileSystem extends FileSystem {

    private final FileSystem real;
    private final HookedProvider provider;
    private final Set<String> attributeViews;

    private HookedFileSystem(FileSystem real, FileHook hook, boolean plain) {
        this.real = real;
        this.provider = new HookedProvider(this, hook, plain);
        this.attributeViews = plain ? Set.of("basic") : real.supportedFileAttributeViews();
    }

    /** The same directory, with the hook before each operation on what is reached from it. */
    public static Path over(Path directory, FileHook hook) {
        return new HookedFileSystem(directory.getFileSystem(), hook, false).path(directory);
    }

    /** The same directory, as a file system shows it that has no file keys, no locks and no permissions. */
    public static Path plain(Path directory) {
        return new HookedFileSystem(directory.getFileSystem(), (operation, path) -> {}, true).path(directory);
    }

    /** Fails the n-th mutating operation, from 0, and every later one, as if the process had been killed there. */
    public static FileHook dyingAt(int operations, Supplier<? extends IOException> reason) {
        int[] left = {operations};
        return (operation, path) -> {
            if (operation.isMutating() && left[0]-- <= 0) {
                throw reason.get();
            }
        };
    }

    HookedPath path(Path path) {
        return new HookedPath(this, path);
    }

    static Path real(Path path) {
        return path instanceof HookedPath hooked ? hooked.real() : path;
    }

    void before(Operation operation, Path path) throws IOException {
        provider.before(operation, path);
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {}

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
        return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return StreamSupport.stream(real.getRootDirectories().spliterator(), false)
                .map(root -> (Path) path(root))
                .toList();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return attributeViews;
    }

    @Override
    public Path getPath(String first, String... more) {
        return path(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = real.getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(real(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return real.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
