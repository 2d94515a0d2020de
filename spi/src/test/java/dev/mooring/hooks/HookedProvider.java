// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import dev.mooring.hooks.FileHook.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** Passes each operation on to the real provider, after the hook. */
final class HookedProvider extends FileSystemProvider {

    private final HookedFileSystem fileSystem;
    private final FileHook hook;
    private final boolean plain;

    HookedProvider(HookedFileSystem fileSystem, FileHook hook, boolean plain) {
        this.fileSystem = fileSystem;
        this.hook = hook;
        this.plain = plain;
    }

    void before(Operation operation, Path path) throws IOException {
        hook.before(operation, HookedFileSystem.real(path));
    }

    private static Path real(Path path) {
        return HookedFileSystem.real(path);
    }

    private FileAttribute<?>[] allowed(FileAttribute<?>[] attributes) {
        if (plain && attributes.length > 0) {
            throw new UnsupportedOperationException("no permissions here");
        }
        return attributes;
    }

    @Override
    public String getScheme() {
        return "hooked";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return fileSystem;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AsynchronousFileChannel newAsynchronousFileChannel(
            Path path, Set<? extends OpenOption> options, ExecutorService executor, FileAttribute<?>... attributes)
            throws IOException {
        boolean creates =
                options.contains(StandardOpenOption.CREATE) || options.contains(StandardOpenOption.CREATE_NEW);
        before(creates && Files.notExists(real(path)) ? Operation.CREATE : Operation.OPEN, path);
        if (options.contains(StandardOpenOption.TRUNCATE_EXISTING) && Files.exists(real(path))) {
            before(Operation.TRUNCATE, path);
        }
        return new HookedChannel(
                AsynchronousFileChannel.open(real(path), options, executor, allowed(attributes)),
                operation -> before(operation, path),
                plain);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) {
        throw new UnsupportedOperationException("an interrupt would close it under every other thread: " + path);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        before(options.contains(StandardOpenOption.WRITE) ? Operation.CREATE : Operation.OPEN, path);
        return Files.newByteChannel(real(path), options, allowed(attributes));
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        before(Operation.LIST, directory);
        Path real = real(directory);
        DirectoryStream<Path> stream = real.getFileSystem()
                .provider()
                .newDirectoryStream(real, entry -> filter.accept(fileSystem.path(entry)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> entries = stream.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return entries.hasNext();
                    }

                    @Override
                    public Path next() {
                        return fileSystem.path(entries.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        before(Operation.CREATE_DIRECTORY, directory);
        Files.createDirectory(real(directory), allowed(attributes));
    }

    @Override
    public void delete(Path path) throws IOException {
        before(Operation.DELETE, path);
        Files.delete(real(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        before(Operation.MOVE, target);
        Files.move(real(source), real(target), options);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return Files.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return Files.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        before(Operation.READ_FILE_STORE, path);
        return Files.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        before(Operation.READ_ATTRIBUTES, path);
        real(path).getFileSystem().provider().checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return Files.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        before(Operation.READ_ATTRIBUTES, path);
        A attributes = Files.readAttributes(real(path), type, options);
        return plain && type == BasicFileAttributes.class ? type.cast(new KeylessAttributes(attributes)) : attributes;
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        before(Operation.READ_ATTRIBUTES, path);
        return Files.readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        Files.setAttribute(real(path), attribute, value, options);
    }
}
