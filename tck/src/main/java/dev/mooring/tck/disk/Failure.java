// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** Ways in which a call fails, as the Linux kernel and the JDK word them. */
public enum Failure {
    /** The device failed. Of a failed write a part may have been written. */
    EIO("Input/output error"),
    /** The device is full. */
    ENOSPC("No space left on device"),
    /** A write stops early and says so by its count; the caller has to go on. No error. */
    SHORT_WRITE("short write"),
    /** A read gives fewer bytes than there are and room for; the caller has to go on. No error. */
    SHORT_READ("short read"),
    /** The process has too many open files. */
    EMFILE("Too many open files"),
    /** The file system is mounted read-only. */
    EROFS("Read-only file system"),
    /** Permission denied. */
    EACCES("Permission denied");

    private final String text;

    Failure(String text) {
        this.text = text;
    }

    boolean isError() {
        return this != SHORT_WRITE && this != SHORT_READ;
    }

    /** What a call on an open file throws. */
    IOException ofChannel() {
        return new IOException(text);
    }

    /** What a call on a path throws. */
    IOException ofPath(String path, @Nullable String other) {
        return this == EACCES
                ? new AccessDeniedException(path, other, null)
                : new FileSystemException(path, other, text);
    }
}
