// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/** A channel whose reads and writes run on a given executor, the caller's own thread where it is such a one. */
final class SimulatedAsyncChannel extends AsynchronousFileChannel {

    private final Handle handle;
    private final Executor executor;

    SimulatedAsyncChannel(Handle handle, Executor executor) {
        this.handle = handle;
        this.executor = executor;
    }

    @Override
    public Future<Integer> read(ByteBuffer target, long position) {
        handle.checkReadable(position);
        return submit(() -> handle.read(position, target));
    }

    @Override
    public <A> void read(
            ByteBuffer target, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
        handle.checkReadable(position);
        run(() -> handle.read(position, target), handler, attachment);
    }

    @Override
    public Future<Integer> write(ByteBuffer source, long position) {
        handle.checkWritable(position);
        return submit(() -> handle.write(position, source));
    }

    @Override
    public <A> void write(
            ByteBuffer source, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
        handle.checkWritable(position);
        run(() -> handle.write(position, source), handler, attachment);
    }

    @Override
    public long size() throws IOException {
        return handle.size();
    }

    @Override
    public AsynchronousFileChannel truncate(long size) throws IOException {
        handle.truncate(size);
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        handle.force();
    }

    @Override
    public <A> void lock(
            long position, long size, boolean shared, A attachment, CompletionHandler<FileLock, ? super A> handler) {
        run(() -> tryLock(position, size, shared), handler, attachment);
    }

    @Override
    public Future<FileLock> lock(long position, long size, boolean shared) {
        return submit(() -> tryLock(position, size, shared));
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        if (shared) {
            handle.checkReadable(position);
        } else {
            handle.checkWritable(position);
        }
        return handle.lock(new SimulatedLock(this, handle, position, size, shared));
    }

    @Override
    public boolean isOpen() {
        return handle.isOpen();
    }

    @Override
    public void close() {
        handle.close();
    }

    private <T> Future<T> submit(Callable<T> call) {
        CompletableFuture<T> done = new CompletableFuture<>();
        run(call, new Completing<>(), done);
        return done;
    }

    private <T, A> void run(Callable<T> call, CompletionHandler<T, ? super A> handler, A attachment) {
        executor.execute(() -> {
            T result;
            try {
                result = call.call();
            } catch (Exception e) {
                handler.failed(e, attachment);
                return;
            }
            handler.completed(result, attachment);
        });
    }

    /** Passes on to a future. */
    private static final class Completing<T> implements CompletionHandler<T, CompletableFuture<T>> {
        @Override
        public void completed(T result, CompletableFuture<T> future) {
            future.complete(result);
        }

        @Override
        public void failed(Throwable failure, CompletableFuture<T> future) {
            future.completeExceptionally(failure);
        }
    }
}
