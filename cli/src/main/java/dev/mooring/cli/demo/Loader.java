// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.cli.terminal.ProgressDisplay;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.RaftClientReply;
import org.jspecify.annotations.Nullable;

/**
 * The client: sends the lines in order, many before the first of them is acknowledged, each under its number as key. A
 * line is acknowledged when the reply has come. What a dead or changing leader leaves open, Ratis' client sends again.
 *
 * <p>One thread sends; replies come on threads of the client library.
 */
final class Loader implements AutoCloseable {

    private static final Duration STALL_LIMIT = Duration.ofSeconds(60);

    private final Text text;
    private final RaftClient client;
    private final int outstanding;
    private final ProgressDisplay progress;
    private final Thread sender;

    // All guarded by this.
    private final BitSet acknowledgedLines = new BitSet();
    private final List<Watch> watches = new ArrayList<>();
    private int sent;
    private int acknowledged;
    private int holdAt;
    private boolean closed;
    private long lastActivityNanos;
    private @Nullable Throwable failure;

    Loader(Text text, RaftClient client, int outstanding, ProgressDisplay progress) {
        this.text = text;
        this.client = client;
        this.outstanding = outstanding;
        this.progress = progress;
        this.sender = new Thread(this::sendAll, "load");
        sender.setDaemon(true);
    }

    /**
     * A reply.
     *
     * @param acknowledged number of lines acknowledged with it
     * @param inFlight number of lines sent and not acknowledged
     * @param server who replied, which is the leader
     * @param nanos when, by {@link System#nanoTime}
     */
    record Acknowledgement(int acknowledged, int inFlight, String server, long nanos) {}

    /** Sends all lines up to one, and holds there. */
    void start(int lastLine) {
        holdAt(lastLine);
        sender.start();
    }

    /** Moves the line at which sending stops. */
    synchronized void holdAt(int line) {
        holdAt = line;
        lastActivityNanos = System.nanoTime();
        notifyAll();
    }

    /**
     * The first acknowledgement from now on that meets a condition. What depends on the future runs on the thread that
     * received the reply, before any further line is sent or acknowledged.
     */
    synchronized CompletableFuture<Acknowledgement> first(Predicate<Acknowledgement> condition) {
        Watch watch = new Watch(condition, new CompletableFuture<>());
        watches.add(watch);
        return watch.future;
    }

    /** Lines that were acknowledged, by number. */
    synchronized BitSet acknowledgedLines() {
        return (BitSet) acknowledgedLines.clone();
    }

    synchronized int acknowledged() {
        return acknowledged;
    }

    /** Fails if the load has come to an end that was not asked for. */
    synchronized void check() {
        if (failure != null) {
            throw new DemoFailure(
                    "Line " + (acknowledged + 1) + " was given up by the client: " + failure.getMessage(), failure);
        }
        boolean waiting = acknowledged < Math.min(holdAt, text.lastLine());
        if (waiting && System.nanoTime() - lastActivityNanos > STALL_LIMIT.toNanos()) {
            throw new DemoFailure("No line was acknowledged for " + STALL_LIMIT.toSeconds() + " s; " + acknowledged
                    + " of " + text.lastLine() + " are");
        }
    }

    /** Sends nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void sendAll() {
        try {
            for (int line = 1; line <= text.lastLine() && awaitTurn(line); line++) {
                send(line);
            }
        } catch (InterruptedException | RuntimeException e) {
            fail(e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // received() hears of every end
    private void send(int line) {
        client.async().send(Requests.put(line, text.line(line))).whenComplete((reply, e) -> received(line, reply, e));
    }

    private synchronized boolean awaitTurn(int line) throws InterruptedException {
        while (!closed && failure == null && (line > holdAt || sent - acknowledged >= outstanding)) {
            wait();
        }
        sent = line;
        return !closed && failure == null;
    }

    private void received(int line, @Nullable RaftClientReply reply, @Nullable Throwable e) {
        if (reply == null || !reply.isSuccess()) {
            fail(e != null ? e : new IOException(String.valueOf(reply)));
            return;
        }
        synchronized (this) {
            acknowledgedLines.set(line);
            acknowledged++;
            lastActivityNanos = System.nanoTime();
            Acknowledgement acknowledgement = new Acknowledgement(
                    acknowledged, sent - acknowledged, reply.getServerId().toString(), lastActivityNanos);
            for (Iterator<Watch> i = watches.iterator(); i.hasNext(); ) {
                Watch watch = i.next();
                if (watch.condition.test(acknowledgement)) {
                    i.remove();
                    watch.future.complete(acknowledgement);
                }
            }
            notifyAll();
        }
        progress.reached(acknowledged());
    }

    private synchronized void fail(Throwable e) {
        if (failure == null && !closed) {
            failure = e;
        }
        notifyAll();
    }

    private record Watch(Predicate<Acknowledgement> condition, CompletableFuture<Acknowledgement> future) {}
}
