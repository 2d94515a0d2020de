// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The system calls that a child made on what lies in one directory, in the order in which they began, as strace listed them. */
final class CallTrace {

    private static final Pattern CALL = Pattern.compile("^([0-9]+) +([a-z0-9_]+)[(](.*)$");
    private static final Pattern PATH = Pattern.compile("[<\"](/[^>\"]*)[>\"]");

    // names an address instead of a file; the JVM itself does not call it
    private static final String MSYNC = "msync";

    private final Path directory;
    private final List<Seen> calls = new ArrayList<>();

    private record Seen(String thread, String call, List<Path> paths) {}

    private CallTrace(Path directory) {
        this.directory = directory;
    }

    /** What a process can be killed at. */
    enum Kind {
        WRITE,
        SYNC,
        RENAME,
        UNLINK;

        /** Its calls, under all the names that they have on some machine. */
        private List<String> calls() {
            return switch (this) {
                case WRITE -> List.of("write", "pwrite64", "writev", "pwritev", "pwritev2");
                case SYNC -> List.of("fsync", "fdatasync", MSYNC, "sync_file_range");
                case RENAME -> List.of("rename", "renameat", "renameat2");
                case UNLINK -> List.of("unlink", "unlinkat", "rmdir");
            };
        }

        /** The calls of all kinds. */
        static List<String> allCalls() {
            return Arrays.stream(values())
                    .flatMap(kind -> kind.calls().stream())
                    .toList();
        }
    }

    /**
     * The n-th call of a name that one thread makes on one file or directory. This and not the n-th of all: where work is
     * handed to new threads, almost every call is one of the first few of its thread.
     *
     * @param path is null if the call names none
     * @param nth is counted for each thread by itself, from 1
     */
    record Place(String call, @Nullable Path path, int nth) {
        @Override
        public String toString() {
            return call + (path == null ? "" : " on " + path) + ", number " + nth + " of its thread";
        }
    }

    /** Reads what strace wrote. */
    static CallTrace read(Path trace, Path directory) throws IOException {
        CallTrace read = new CallTrace(directory);
        for (String line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
            read.add(line);
        }
        return read;
    }

    private void add(String line) {
        Matcher matcher = CALL.matcher(line);
        if (!matcher.matches()) {
            return; // the end of a call that another one came into, a signal, an exit
        }
        List<Path> paths = new ArrayList<>();
        Matcher named = PATH.matcher(matcher.group(3));
        while (named.find()) {
            Path path = Path.of(named.group(1));
            if (path.startsWith(directory)) {
                paths.add(path);
            }
        }
        if (!paths.isEmpty() || matcher.group(2).equals(MSYNC)) {
            calls.add(new Seen(matcher.group(1), matcher.group(2), paths));
        }
    }

    /** At most so many places, spread evenly over all calls of this kind. */
    List<Place> places(Kind kind, int most, Random random) {
        List<Seen> all = of(kind);
        int count = Math.min(most, all.size());
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            places.add(place(all, (int) (all.size() * (i + random.nextDouble()) / count)));
        }
        return places;
    }

    private List<Seen> of(Kind kind) {
        return calls.stream().filter(seen -> kind.calls().contains(seen.call())).toList();
    }

    private static Place place(List<Seen> all, int number) {
        Seen chosen = all.get(number);
        Path path = chosen.paths().isEmpty() ? null : chosen.paths().get(0);
        long before = all.subList(0, number).stream()
                .filter(seen -> seen.thread().equals(chosen.thread())
                        && seen.call().equals(chosen.call())
                        && (path == null || seen.paths().contains(path)))
                .count();
        return new Place(chosen.call(), path, (int) before + 1);
    }
}
