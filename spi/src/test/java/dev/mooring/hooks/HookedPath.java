// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import dev.mooring.hooks.FileHook.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/** A real path that belongs to a {@link HookedFileSystem}. */
final class HookedPath implements Path {

    private final HookedFileSystem fileSystem;
    private final Path real;

    HookedPath(HookedFileSystem fileSystem, Path real) {
        this.fileSystem = fileSystem;
        this.real = real;
    }

    Path real() {
        return real;
    }

    private Path hooked(Path path) {
        return new HookedPath(fileSystem, path);
    }

    private @Nullable Path hookedOrNull(@Nullable Path path) {
        return path == null ? null : hooked(path);
    }

    @Override
    public FileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return real.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
        return hookedOrNull(real.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
        return hookedOrNull(real.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
        return hookedOrNull(real.getParent());
    }

    @Override
    public int getNameCount() {
        return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
        return hooked(real.getName(index));
    }

    @Override
    public Path subpath(int beginIndex, int endIndex) {
        return hooked(real.subpath(beginIndex, endIndex));
    }

    @Override
    public boolean startsWith(Path other) {
        return real.startsWith(HookedFileSystem.real(other));
    }

    @Override
    public boolean endsWith(Path other) {
        return real.endsWith(HookedFileSystem.real(other));
    }

    @Override
    public Path normalize() {
        return hooked(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
        return hooked(real.resolve(HookedFileSystem.real(other)));
    }

    @Override
    public Path relativize(Path other) {
        return hooked(real.relativize(HookedFileSystem.real(other)));
    }

    @Override
    public URI toUri() {
        return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
        return hooked(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        fileSystem.before(Operation.READ_ATTRIBUTES, real);
        return hooked(real.toRealPath(options));
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
        return real.compareTo(HookedFileSystem.real(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HookedPath path && path.fileSystem == fileSystem && path.real.equals(real);
    }

    @Override
    public int hashCode() {
        return real.hashCode();
    }

    @Override
    public String toString() {
        return real.toString();
    }
}
