// SPDX-License-Identifier: Apache-2.0
package dev.mooring.hooks;

import dev.mooring.hooks.FileHook.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A real channel with the hook before each operation. */
final class HookedChannel extends AsynchronousFileChannel {

    @FunctionalInterface
    interface Hook {
        void before(Operation operation) throws IOException;
    }

    private final AsynchronousFileChannel real;
    private final Hook hook;
    private final boolean plain;

    HookedChannel(AsynchronousFileChannel real, Hook hook, boolean plain) {
        this.real = real;
        this.hook = hook;
        this.plain = plain;
    }

    @Override
    public Future<Integer> read(ByteBuffer target, long position) {
        try {
            hook.before(Operation.READ);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return real.read(target, position);
    }

    @Override
    public Future<Integer> write(ByteBuffer source, long position) {
        try {
            hook.before(Operation.WRITE);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return real.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
        // not passed on: no test cuts the real disk's power, and syncing it takes most of a test's time
        hook.before(Operation.FORCE);
    }

    @Override
    public AsynchronousFileChannel truncate(long size) throws IOException {
        hook.before(Operation.TRUNCATE);
        real.truncate(size);
        return this;
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
        hook.before(Operation.LOCK);
        if (plain) {
            throw new UnsupportedOperationException("no locks here");
        }
        return real.tryLock(position, size, shared);
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public boolean isOpen() {
        return real.isOpen();
    }

    @Override
    public void close() throws IOException {
        real.close();
    }

    @Override
    public Future<FileLock> lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A> void lock(
            long position, long size, boolean shared, A attachment, CompletionHandler<FileLock, ? super A> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A> void read(
            ByteBuffer target, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A> void write(
            ByteBuffer source, long position, A attachment, CompletionHandler<Integer, ? super A> handler) {
        throw new UnsupportedOperationException();
    }
}
