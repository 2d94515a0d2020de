// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the demonstration keeps its files: a directory for each server, a log for each process, and a marker that makes
 * the directory recognisable. The marker is locked as long as a demonstration runs there.
 */
final class DataDirectory implements AutoCloseable {

    private static final String MARKER = "mooring-demo";
    private static final String MARKER_TEXT =
            "This directory belongs to 'mooring demo', which empties it when it is started on it again.\n";
    private static final String CLIENT_LOG = "client.log";
    private static final Set<String> OURS = ours();

    private final Path path;
    private final boolean temporary;
    private final FileChannel marker;

    private DataDirectory(Path path, boolean temporary, FileChannel marker) {
        this.path = path;
        this.temporary = temporary;
        this.marker = marker;
    }

    /** A new directory that {@link #remove} removes. */
    static DataDirectory temporary() {
        try {
            Path path = Files.createTempDirectory("mooring-demo-");
            return new DataDirectory(path, true, mark(path));
        } catch (IOException e) {
            throw new UserError(
                    "No temporary directory can be created in " + System.getProperty("java.io.tmpdir") + " (" + e
                            + "). Name a directory with --data DIR",
                    e);
        }
    }

    /**
     * A directory that is kept. What an earlier demonstration left there is removed.
     *
     * @throws UserError if there is anything else in it, or another demonstration runs on it; nothing was changed
     */
    static DataDirectory kept(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new UserError(
                    path + " is a file, not a directory. Name a directory that is new or empty: --data DIR");
        }
        try {
            Files.createDirectories(path);
            Path real = path.toRealPath();
            refuseForeign(real);
            FileChannel marker = mark(real);
            for (String name : OURS) {
                if (!name.equals(MARKER)) {
                    removeTree(real.resolve(name));
                }
            }
            return new DataDirectory(real, false, marker);
        } catch (IOException e) {
            throw new UserError(
                    path + " cannot be used (" + e + "). Check its permissions and the space on its disk, or name"
                            + " another directory: --data DIR",
                    e);
        }
    }

    Path path() {
        return path;
    }

    boolean isTemporary() {
        return temporary;
    }

    /** Directory of a server. */
    Path server(String id) {
        return path.resolve(id);
    }

    /** What a server process writes to standard error. */
    Path serverLog(String id) {
        return path.resolve(logName(id));
    }

    /** What the libraries of the client have to say. */
    Path clientLog() {
        return path.resolve(CLIENT_LOG);
    }

    /** Bytes in a server's directory. */
    long bytes(String id) throws IOException {
        try (Stream<Path> files = Files.walk(server(id))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(DataDirectory::size)
                    .sum();
        }
    }

    /** Removes what a server has written. */
    void empty(String id) throws IOException {
        removeTree(server(id));
    }

    /** Removes a temporary directory with all that is in it. */
    void remove() throws IOException {
        close();
        removeTree(path);
    }

    @Override
    public void close() throws IOException {
        marker.close();
    }

    private static void refuseForeign(Path path) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> found = Files.list(path)) {
            found.map(file -> String.valueOf(file.getFileName())).sorted().forEach(names::add);
        }
        boolean marked = Files.isRegularFile(path.resolve(MARKER), LinkOption.NOFOLLOW_LINKS);
        for (String name : names) {
            if (!marked || !OURS.contains(name)) {
                throw new UserError(path + " holds '" + name + "', which is not of this demonstration. Nothing was"
                        + " changed. Name a directory that is new or empty: --data DIR");
            }
        }
    }

    /** Writes the marker, and locks it for as long as it is open. */
    private static FileChannel mark(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path.resolve(MARKER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new UserError("Another demonstration runs on " + path
                    + ". Wait for its end, or name another directory: --data DIR");
        }
        channel.write(StandardCharsets.UTF_8.encode(MARKER_TEXT));
        return channel;
    }

    private static void removeTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0; // released by its server between the listing and the question
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String logName(String id) {
        return id + ".log";
    }

    private static Set<String> ours() {
        Set<String> names = new TreeSet<>(Set.of(MARKER, CLIENT_LOG));
        for (String id : Members.IDS) {
            names.add(id);
            names.add(logName(id));
        }
        return Set.copyOf(names);
    }
}
