// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * The system calls that a {@link Child} made on the files of one directory, in the order in which they ended, as {@code strace
 * -y} writes them: {@code fdatasync(5</data/00000001.log>) = 0}. Immutable.
 */
public final class SystemCalls {

    private static final String UNFINISHED = " <unfinished ...>";
    private static final String RESUMED = " resumed>";
    private static final int LONGEST_SHOWN = 300;

    private final List<String> calls;

    private SystemCalls(List<String> calls) {
        this.calls = calls;
    }

    /**
     * Skips the test, saying so, where system calls can not be seen: strace is not installed, or may not trace.
     *
     * @throws IOException if no process can be started
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public static void assumeThatTheyCanBeSeen() throws IOException, InterruptedException {
        Process probe = new ProcessBuilder("sh", "-c", "strace -o /dev/null true")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Assumptions.assumeTrue(probe.waitFor() == 0, "strace is not installed, or may not trace");
    }

    /**
     * Runs a method in a child and looks at what it does.
     *
     * @param child is given the tracer
     * @param names are the calls to look at, comma-separated: {@code write,fsync}
     * @param test is the class
     * @param method is the name of a static method that takes a {@code Path}
     * @param directory is its argument; calls that name no file in it are left out
     * @param tracing are further options for strace, such as {@code -e inject=fsync:error=EIO:when=3}
     * @return what was seen
     * @throws IOException if no process can be started
     * @throws InterruptedException if this thread is interrupted while it waits
     * @throws AssertionError if the child does not end well
     */
    public static SystemCalls of(
            Child child, String names, Class<?> test, String method, Path directory, String... tracing)
            throws IOException, InterruptedException {
        Path trace = Files.createTempFile("calls", ".txt");
        try {
            Child.End end = child.under("strace", "-f", "-y", "-s", "100000", "-o", trace.toString())
                    .under("-e", "trace=" + names)
                    .under(tracing)
                    .run(test, method, directory);
            if (end.status() != 0) {
                throw new AssertionError("the child ended with " + end.status() + ": " + end.output());
            }
            return new SystemCalls(whole(Files.readAllLines(trace, StandardCharsets.ISO_8859_1)).stream()
                    .filter(call -> call.contains(directory.toString()))
                    .toList());
        } finally {
            Files.delete(trace);
        }
    }

    /**
     * All of them.
     *
     * @return one line each, without the number of the thread
     */
    public List<String> all() {
        return calls;
    }

    /**
     * Looks for a call.
     *
     * @param from is the number of the first call to look at, from 0
     * @param parts must all be in the line
     * @return the number of the first such call
     * @throws AssertionError if there is none
     */
    public int first(int from, String... parts) {
        for (int i = from; i < calls.size(); i++) {
            if (List.of(parts).stream().allMatch(calls.get(i)::contains)) {
                return i;
            }
        }
        throw new AssertionError("no call with " + List.of(parts) + " from number " + from + " on in:\n" + this);
    }

    /** One line each; long ones without their middle. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < calls.size(); i++) {
            String call = calls.get(i);
            int length = call.length();
            text.append(i).append(' ');
            if (length <= LONGEST_SHOWN) {
                text.append(call);
            } else {
                text.append(call, 0, LONGEST_SHOWN / 2)
                        .append(" ... ")
                        .append(call, length - LONGEST_SHOWN / 2, length);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** A call during which another thread made one is two lines of the trace: puts them together, where it ended. */
    static List<String> whole(List<String> trace) {
        Map<String, String> begun = new HashMap<>();
        List<String> whole = new ArrayList<>();
        for (String line : trace) {
            int space = line.indexOf(' ');
            String thread = line.substring(0, Math.max(space, 0));
            String call = line.substring(thread.length()).strip();
            if (call.endsWith(UNFINISHED)) {
                begun.put(thread, call.substring(0, call.length() - UNFINISHED.length()));
                continue;
            }
            int resumed = call.startsWith("<... ") ? call.indexOf(RESUMED) : -1;
            if (resumed >= 0) {
                call = begun.getOrDefault(thread, "") + call.substring(resumed + RESUMED.length());
                begun.remove(thread);
            }
            whole.add(call);
        }
        whole.addAll(begun.values()); // what was under way when the process ended
        return whole;
    }
}
