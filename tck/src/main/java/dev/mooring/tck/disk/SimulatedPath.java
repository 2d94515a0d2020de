// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names with slashes between them. The root is the working directory. */
final class SimulatedPath implements Path {

    private final SimulatedFileSystem fileSystem;
    private final boolean absolute;
    private final List<String> names; // the empty path has one empty name, the root has none
    private final String text;

    SimulatedPath(SimulatedFileSystem fileSystem, boolean absolute, List<String> names) {
        this.fileSystem = fileSystem;
        this.absolute = absolute;
        this.names = names.isEmpty() && !absolute ? List.of("") : names;
        this.text = (absolute ? "/" : "") + String.join("/", names);
    }

    static SimulatedPath parse(SimulatedFileSystem fileSystem, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text.replace("\0", "\\0"), "Nul character not allowed");
        }
        List<String> names = Arrays.stream(text.split("/", -1))
                .filter(name -> !name.isEmpty())
                .toList();
        return new SimulatedPath(fileSystem, text.startsWith("/"), names);
    }

    /** Names from the root on, of an absolute and normal path. */
    List<String> names() {
        return names;
    }

    String lastName() {
        return names.get(names.size() - 1);
    }

    private SimulatedPath path(boolean isAbsolute, List<String> of) {
        return new SimulatedPath(fileSystem, isAbsolute, of);
    }

    private SimulatedPath check(Path other) {
        if (other instanceof SimulatedPath path) {
            return path;
        }
        throw new ProviderMismatchException(other + " is not a path of a simulated disk");
    }

    private boolean isEmpty() {
        return !absolute && text.isEmpty();
    }

    @Override
    public SimulatedFileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable SimulatedPath getRoot() {
        return absolute ? path(true, List.of()) : null;
    }

    @Override
    public @Nullable SimulatedPath getFileName() {
        return names.isEmpty() ? null : path(false, List.of(lastName()));
    }

    @Override
    public @Nullable SimulatedPath getParent() {
        if (names.isEmpty() || (names.size() == 1 && !absolute)) {
            return null;
        }
        return path(absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public SimulatedPath getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public SimulatedPath subpath(int beginIndex, int endIndex) {
        if (beginIndex < 0 || beginIndex >= endIndex || endIndex > names.size()) {
            throw new IllegalArgumentException("no names " + beginIndex + " to " + endIndex + " in " + this);
        }
        return path(false, names.subList(beginIndex, endIndex));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof SimulatedPath path
                && path.fileSystem == fileSystem
                && path.absolute == absolute
                && path.isEmpty() == isEmpty()
                && path.names.size() <= names.size()
                && path.names.equals(names.subList(0, path.names.size()));
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof SimulatedPath path) || path.fileSystem != fileSystem) {
            return false;
        }
        if (path.absolute || path.isEmpty()) {
            return path.equals(this);
        }
        int skip = names.size() - path.names.size();
        return skip >= 0 && path.names.equals(names.subList(skip, names.size()));
    }

    @Override
    public SimulatedPath normalize() {
        if (!names.contains(".") && !names.contains("..")) {
            return this;
        }
        Deque<String> kept = new ArrayDeque<>();
        for (String name : names) {
            if (name.equals("..") && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!name.equals(".") && !(name.equals("..") && absolute)) {
                kept.addLast(name);
            }
        }
        return path(absolute, List.copyOf(kept));
    }

    @Override
    public SimulatedPath resolve(Path other) {
        SimulatedPath path = check(other);
        if (path.absolute || isEmpty()) {
            return path;
        }
        if (path.isEmpty()) {
            return this;
        }
        String[] joined = new String[names.size() + path.names.size()];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = i < names.size() ? names.get(i) : path.names.get(i - names.size());
        }
        return path(absolute, List.of(joined));
    }

    @Override
    public SimulatedPath relativize(Path other) {
        SimulatedPath path = check(other);
        if (path.absolute != absolute) {
            throw new IllegalArgumentException("'other' is different type of Path");
        }
        List<String> from = isEmpty() ? List.of() : names;
        List<String> to = path.isEmpty() ? List.of() : path.names;
        int common = 0;
        while (common < Math.min(from.size(), to.size()) && from.get(common).equals(to.get(common))) {
            common++;
        }
        List<String> steps = new ArrayList<>();
        for (int i = common; i < from.size(); i++) {
            steps.add("..");
        }
        steps.addAll(to.subList(common, to.size()));
        return path(false, List.copyOf(steps));
    }

    @Override
    public URI toUri() {
        return URI.create(fileSystem.provider().getScheme() + "://" + toAbsolutePath());
    }

    @Override
    public SimulatedPath toAbsolutePath() {
        return absolute ? this : path(true, isEmpty() ? List.of() : names);
    }

    /** This path as the volume takes it. */
    SimulatedPath resolved() {
        return toAbsolutePath().normalize();
    }

    @Override
    public SimulatedPath toRealPath(LinkOption... options) throws IOException {
        SimulatedPath real = resolved();
        if (!fileSystem.volume().exists(real)) {
            throw new NoSuchFileException(text);
        }
        return real;
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("a simulated disk can not be watched");
    }

    @Override
    public int compareTo(Path other) {
        return text.compareTo(check(other).text);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SimulatedPath path && path.fileSystem == fileSystem && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
