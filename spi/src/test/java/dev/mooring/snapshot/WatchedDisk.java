// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real directory seen through a file system of its own that tells of every change, and every read, before it is
 * made, and lets the listener fail it.
 */
final class WatchedDisk extends FileSystemProvider {

    enum Change {
        READ,
        CREATE,
        WRITE,
        FORCE,
        RENAME,
        DELETE
    }

    /** Hears of a change before it is made; what it throws, the caller gets instead. */
    @FunctionalInterface
    interface Listener {
        void before(Change change, Path path, @Nullable Path target) throws IOException;
    }

    private final View view = new View();
    private final AtomicInteger openFiles = new AtomicInteger();
    private volatile Listener listener = (change, path, target) -> {};

    /** The same path, watched. */
    Path watch(Path real) {
        return new Watched(real);
    }

    void listen(Listener listener) {
        this.listener = listener;
    }

    /** Files and directories that are open at the moment. */
    int openFiles() {
        return openFiles.get();
    }

    private void tell(Change change, Path path, @Nullable Path target) throws IOException {
        listener.before(change, real(path), target == null ? null : real(target));
    }

    private static Path real(Path path) {
        return path instanceof Watched watched ? watched.real : path;
    }

    private static FileSystemProvider provider(Path path) {
        return real(path).getFileSystem().provider();
    }

    @Override
    public AsynchronousFileChannel newAsynchronousFileChannel(
            Path path, Set<? extends OpenOption> options, ExecutorService executor, FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.CREATE_NEW) || options.contains(StandardOpenOption.CREATE)) {
            tell(Change.CREATE, path, null);
        }
        return new Channel(path, provider(path).newAsynchronousFileChannel(real(path), options, executor, attributes));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        throw new UnsupportedOperationException("not watched: " + path);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> real = provider(directory).newDirectoryStream(real(directory), path -> true);
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> paths = real.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return paths.hasNext();
                    }

                    @Override
                    public Path next() {
                        return watch(paths.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        tell(Change.CREATE, directory, null);
        provider(directory).createDirectory(real(directory), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        tell(Change.DELETE, path, null);
        provider(path).delete(real(path));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        tell(Change.RENAME, source, target);
        provider(source).move(real(source), real(target), options);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException("not watched: " + source);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return provider(one).isSameFile(real(one), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return provider(path).isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return provider(path).getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        provider(path).checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return provider(path).getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return provider(path).readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return provider(path).readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        provider(path).setAttribute(real(path), attribute, value, options);
    }

    @Override
    public String getScheme() {
        return "watched";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return view;
    }

    @Override
    public Path getPath(URI uri) {
        return watch(Path.of(uri));
    }

    private final class Channel extends AsynchronousFileChannel {

        private final Path path;
        private final AsynchronousFileChannel real;

        Channel(Path path, AsynchronousFileChannel real) {
            this.path = path;
            this.real = real;
            openFiles.incrementAndGet();
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public AsynchronousFileChannel truncate(long size) throws IOException {
            tell(Change.WRITE, path, null);
            real.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            tell(Change.FORCE, path, null);
            real.force(metaData);
        }

        @Override
        public Future<Integer> read(ByteBuffer target, long position) {
            try {
                tell(Change.READ, path, null);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
            return real.read(target, position);
        }

        @Override
        public Future<Integer> write(ByteBuffer source, long position) {
            try {
                tell(Change.WRITE, path, null);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
            return real.write(source, position);
        }

        @Override
        public <A> void read(
                ByteBuffer target, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <A> void write(
                ByteBuffer source, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <A> void lock(
                long position,
                long size,
                boolean shared,
                A attachment,
                CompletionHandler<FileLock, ? super A> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<FileLock> lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return real.isOpen();
        }

        @Override
        public void close() throws IOException {
            if (real.isOpen()) {
                openFiles.decrementAndGet();
            }
            real.close();
        }
    }

    private final class View extends FileSystem {

        @Override
        public FileSystemProvider provider() {
            return WatchedDisk.this;
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
            return "/";
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return Set.of();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return Set.of();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return Set.of("basic");
        }

        @Override
        public Path getPath(String first, String... more) {
            return watch(Path.of(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }

    private final class Watched implements Path {

        private final Path real;

        Watched(Path real) {
            this.real = real;
        }

        private @Nullable Path watched(@Nullable Path path) {
            return path == null ? null : watch(path);
        }

        @Override
        public FileSystem getFileSystem() {
            return view;
        }

        @Override
        public boolean isAbsolute() {
            return real.isAbsolute();
        }

        @Override
        public @Nullable Path getRoot() {
            return watched(real.getRoot());
        }

        @Override
        public @Nullable Path getFileName() {
            return watched(real.getFileName());
        }

        @Override
        public @Nullable Path getParent() {
            return watched(real.getParent());
        }

        @Override
        public int getNameCount() {
            return real.getNameCount();
        }

        @Override
        public Path getName(int index) {
            return watch(real.getName(index));
        }

        @Override
        public Path subpath(int from, int to) {
            return watch(real.subpath(from, to));
        }

        @Override
        public boolean startsWith(Path other) {
            return real.startsWith(real(other));
        }

        @Override
        public boolean endsWith(Path other) {
            return real.endsWith(real(other));
        }

        @Override
        public Path normalize() {
            return watch(real.normalize());
        }

        @Override
        public Path resolve(Path other) {
            return watch(real.resolve(real(other)));
        }

        @Override
        public Path relativize(Path other) {
            return watch(real.relativize(real(other)));
        }

        @Override
        public URI toUri() {
            return real.toUri();
        }

        @Override
        public Path toAbsolutePath() {
            return watch(real.toAbsolutePath());
        }

        @Override
        public Path toRealPath(LinkOption... options) throws IOException {
            return watch(real.toRealPath(options));
        }

        @Override
        public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Path other) {
            return real.compareTo(real(other));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Watched watched && real.equals(watched.real);
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
}
