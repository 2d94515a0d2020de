// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The tracer of Linux: lists the system calls of a child, and kills it at the n-th of one kind. Its option
 * {@code --seccomp-bpf}, which would cost less, loses the signals (6.1).
 *
 * @param command is how it is called
 */
record Strace(String command) {

    private static final long PATIENCE_SECONDS = 60;

    /** The one that is installed. */
    static final Strace INSTALLED = new Strace("strace");

    /** Ends the check as not run if it is not there or may not trace, as in many containers. */
    void require(Path directory) throws IOException, InterruptedException {
        Path errors = Files.createTempFile(directory, "strace-", ".txt");
        Process probe;
        try {
            probe = new ProcessBuilder(command, "-f", "-o", "/dev/null", Fork.java(), "-version")
                    .redirectErrorStream(true)
                    .redirectOutput(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new NotRun(command + ", which kills a process at a system call, is not installed", e);
        }
        if (!probe.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            probe.descendants().forEach(ProcessHandle::destroyForcibly);
            probe.destroyForcibly();
            throw new NotRun(command + " did not end within " + PATIENCE_SECONDS + " seconds");
        }
        if (probe.exitValue() != 0) {
            throw new NotRun(command + " may not trace a process here: "
                    + Files.readString(errors, StandardCharsets.ISO_8859_1).strip());
        }
    }

    /** Writes all these calls to a file; names that this machine does not know are left out. */
    List<String> listing(Collection<String> calls, Path trace) {
        List<String> line = new ArrayList<>(List.of(command, "-f", "-y", "-s", "0", "-o", trace.toString()));
        line.add("-e");
        line.add("trace="
                + String.join(",", calls.stream().map(call -> "?" + call).toList()));
        return line;
    }

    /** Sends SIGKILL as a thread comes to this place; that call is not carried out any more. */
    List<String> killingAt(CallTrace.Place place) {
        List<String> line = new ArrayList<>(List.of(command, "-f", "-o", "/dev/null"));
        if (place.path() != null) {
            line.add("-P");
            line.add(place.path().toString());
        }
        line.add("-e");
        line.add("trace=" + place.call());
        line.add("-e");
        line.add("inject=" + place.call() + ":signal=SIGKILL:when=" + place.nth());
        return line;
    }
}
