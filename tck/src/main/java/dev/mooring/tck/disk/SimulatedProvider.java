// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/** What {@link java.nio.file.Files} calls. One for each disk. */
final class SimulatedProvider extends FileSystemProvider {

    private final SimulatedFileSystem fileSystem;

    SimulatedProvider(SimulatedFileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    private Volume volume() {
        return fileSystem.volume();
    }

    private SimulatedPath own(Path path) {
        if (path instanceof SimulatedPath simulated && simulated.getFileSystem() == fileSystem) {
            return simulated.resolved();
        }
        throw new ProviderMismatchException(path + " is not on this disk");
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Set<PosixFilePermission> permissions(FileAttribute<?>... attributes) {
        Set<PosixFilePermission> permissions = null;
        for (FileAttribute<?> attribute : attributes) {
            if (!attribute.name().equals("posix:permissions")) {
                throw new UnsupportedOperationException(attribute.name() + " can not be set at creation");
            }
            permissions = Set.copyOf((Set<PosixFilePermission>) attribute.value());
        }
        return permissions;
    }

    // ---- the disk itself

    @Override
    public String getScheme() {
        return "simulated";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("a simulated disk is made by SimulatedDisk.create");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return fileSystem;
    }

    @Override
    public Path getPath(URI uri) {
        return fileSystem.getPath(uri.getPath());
    }

    @Override
    public FileStore getFileStore(Path path) {
        return fileSystem.store();
    }

    // ---- channels

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return new SimulatedFileChannel(volume().open(own(path), Access.of(options), permissions(attributes)));
    }

    @Override
    public AsynchronousFileChannel newAsynchronousFileChannel(
            Path path,
            Set<? extends OpenOption> options,
            @Nullable ExecutorService executor,
            FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.APPEND)) {
            throw new UnsupportedOperationException("APPEND not allowed");
        }
        return new SimulatedAsyncChannel(
                volume().open(own(path), Access.of(options), permissions(attributes)),
                executor == null ? ForkJoinPool.commonPool() : executor);
    }

    // ---- names

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        List<String> names = new ArrayList<>();
        Handle handle = volume().list(own(path), names);
        return new SimulatedDirectoryStream(handle, path, names, filter);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        volume().createDirectory(own(path), permissions(attributes));
    }

    @Override
    public void delete(Path path) throws IOException {
        volume().delete(own(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        boolean replace = Set.of(options).contains(StandardCopyOption.REPLACE_EXISTING);
        boolean directory = volume().attributes(own(source)).isDirectory();
        if (own(source).equals(own(target))) {
            return;
        }
        if (volume().exists(own(target))) {
            if (!replace) {
                throw new FileAlreadyExistsException(target.toString());
            }
            delete(target);
        }
        if (directory) {
            createDirectory(target);
            return;
        }
        try (FileChannel from = newFileChannel(source, Set.of(StandardOpenOption.READ));
                FileChannel to =
                        newFileChannel(target, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            long done = 0;
            while (done < from.size()) {
                done += to.transferFrom(from, done, from.size() - done);
            }
        }
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        volume().move(own(source), own(target), Set.of(options));
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        if (!(other instanceof SimulatedPath simulated) || simulated.getFileSystem() != fileSystem) {
            return false;
        }
        return own(path).equals(own(other))
                || volume().attributes(own(path))
                        .fileKey()
                        .equals(volume().attributes(own(other)).fileKey());
    }

    @Override
    public boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    // ---- attributes

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        volume().checkAccess(own(path), Set.of(modes).contains(AccessMode.WRITE));
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        boolean known = type == BasicFileAttributeView.class
                || type == FileOwnerAttributeView.class
                || type == PosixFileAttributeView.class;
        return known ? type.cast(new AttributeView(volume(), own(path))) : null;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
            throw new UnsupportedOperationException(type + " of a simulated disk is not known");
        }
        return type.cast(volume().attributes(own(path)));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        int colon = attributes.indexOf(':');
        String view = colon < 0 ? "basic" : attributes.substring(0, colon);
        if (!SimulatedFileSystem.VIEWS.contains(view)) {
            throw new UnsupportedOperationException("View '" + view + "' not available");
        }
        Map<String, Object> all = new TreeMap<>(named(volume().attributes(own(path)), view));
        Set<String> wanted = Set.of(attributes.substring(colon + 1).split(",", -1));
        if (!wanted.contains("*")) {
            if (!all.keySet().containsAll(wanted)) {
                throw new IllegalArgumentException("'" + wanted + "' not recognized");
            }
            all.keySet().retainAll(wanted);
        }
        return all;
    }

    private static Map<String, Object> named(Attributes found, String view) {
        if (view.equals("owner")) {
            return Map.of("owner", found.owner());
        }
        Map<String, Object> all = new TreeMap<>(Map.of(
                "size", found.size(),
                "fileKey", found.fileKey(),
                "isDirectory", found.isDirectory(),
                "isRegularFile", found.isRegularFile(),
                "isSymbolicLink", false,
                "isOther", false,
                "lastModifiedTime", found.lastModifiedTime(),
                "lastAccessTime", found.lastAccessTime(),
                "creationTime", found.creationTime()));
        if (view.equals("posix")) {
            all.putAll(Map.of("permissions", found.permissions(), "owner", found.owner(), "group", found.group()));
        }
        return all;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        switch (attribute) {
            case "posix:permissions" -> volume().permissions(own(path), Set.copyOf((Set<PosixFilePermission>) value));
            case "lastModifiedTime", "basic:lastModifiedTime" -> {
                FileTime forgotten = (FileTime) value;
                new AttributeView(volume(), own(path)).setTimes(forgotten, forgotten, forgotten);
            }
            default -> throw new UnsupportedOperationException(attribute + " of a simulated disk can not be set");
        }
    }
}
