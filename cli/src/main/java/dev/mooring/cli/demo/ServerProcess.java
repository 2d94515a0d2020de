// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, on the same JVM, flags and class path as this one.
 *
 * <p>Its standard input is a pipe from this process: when this process ends, however it ends, the pipe closes and the
 * server ends itself.
 */
final class ServerProcess {

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(20);

    // what a storage says of itself says what to do, too; its causes say less
    private static final Pattern STORAGE_ERROR =
            Pattern.compile("(Caused by: )?dev\\.mooring\\.spi\\.StorageException\\$[A-Za-z]+: .*");
    private static final Pattern ERROR = Pattern.compile("(Caused by: )?[a-z.]+\\.[A-Za-z$]+(Exception|Error)(: .*)?");

    private final String id;
    private final Path logFile;
    private final Process process;
    private final Writer requests;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile boolean expectedToEnd;

    private ServerProcess(String id, Path logFile, Process process) {
        this.id = id;
        this.logFile = logFile;
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readAnswers, "answers of " + id);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it; {@link #awaitReady} says when it serves. */
    static ServerProcess start(ServerArguments arguments, Path logFile) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!isForThisProcessOnly(flag)) {
                command.add(flag);
            }
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Server.class.getName());
        command.addAll(arguments.encode());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
                .start();
        return new ServerProcess(arguments.id(), logFile, process);
    }

    long pid() {
        return process.pid();
    }

    /** Whether it serves; if not, because its port was taken by another program. */
    boolean awaitReady(Duration limit) throws InterruptedException {
        String answer = answer(limit);
        if (answer == null) {
            throw new DemoFailure(id + " did not serve within " + limit.toSeconds() + " s. " + hint());
        }
        if (answer.startsWith(Server.PORT_TAKEN)) {
            expectedToEnd = true;
            return false;
        }
        if (!answer.equals(Server.READY)) {
            throw new DemoFailure(id + " could not start: " + afterFirstWord(answer) + ". " + hint());
        }
        return true;
    }

    /** Asks the server about itself. */
    synchronized Status status() throws InterruptedException {
        String answer;
        try {
            requests.write(Server.STATUS + "\n");
            requests.flush();
            answer = answer(ANSWER_LIMIT);
        } catch (IOException e) {
            throw new DemoFailure(id + " does not take questions any more (" + e.getMessage() + "). " + hint(), e);
        }
        if (answer == null) {
            throw new DemoFailure(id + " did not answer for " + ANSWER_LIMIT.toSeconds() + " s. " + hint());
        }
        if (answer.startsWith(Server.FAILED)) {
            throw new DemoFailure(id + " serves no more: " + afterFirstWord(answer) + ". " + hint());
        }
        return Status.decode(answer);
    }

    /** Sends SIGKILL and returns at once. */
    void kill() {
        expectedToEnd = true;
        process.destroyForcibly();
    }

    /** Asks it to end in good order, and returns at once. */
    void stop() {
        expectedToEnd = true;
        try (requests) {
            requests.write(Server.STOP + "\n");
        } catch (IOException e) {
            process.destroyForcibly(); // the pipe is broken, so it is gone or will not hear
        }
    }

    /** Waits until the process is gone; kills it if it does not go by itself. */
    void awaitEnd() throws InterruptedException {
        if (!process.waitFor(EXIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Fails if the process has ended without being told to. */
    void checkAlive() {
        if (!expectedToEnd && !process.isAlive()) {
            throw new DemoFailure(id + " ended by itself with status " + process.exitValue() + ". " + hint());
        }
    }

    private @Nullable String answer(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() - deadline < 0) {
            String answer = answers.poll(50, TimeUnit.MILLISECONDS);
            if (answer != null) {
                return answer;
            }
            if (answers.isEmpty()) {
                checkAlive();
            }
        }
        return null;
    }

    private void readAnswers() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                answers.add(line);
            }
        } catch (IOException e) {
            answers.clear(); // the pipe of a killed process; checkAlive tells whether that was meant
        }
    }

    private static String afterFirstWord(String answer) {
        return answer.substring(answer.indexOf(' ') + 1);
    }

    /** Where to look, and the last error that stands there. */
    private String hint() {
        String where = "Its log is " + logFile;
        try {
            String error = last(STORAGE_ERROR);
            if (error == null) {
                error = last(ERROR);
            }
            return error == null ? where : where + "; the last error in it: " + error;
        } catch (IOException | UncheckedIOException e) {
            return where;
        }
    }

    private @Nullable String last(Pattern pattern) throws IOException {
        try (Stream<String> lines = Files.lines(logFile, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> pattern.matcher(line).matches())
                    .reduce((earlier, later) -> later)
                    .orElse(null);
        }
    }

    /** A debugger or a recording of the demonstration itself cannot be shared by four processes. */
    private static boolean isForThisProcessOnly(String flag) {
        return flag.startsWith("-agentlib:jdwp")
                || flag.startsWith("-Xrunjdwp")
                || flag.startsWith("-XX:StartFlightRecording");
    }
}
