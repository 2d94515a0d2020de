// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;
import java.util.Map;

/** Says of an error of the operating system what it means for this directory and what to do about it (rule FAULT-4). */
final class Faults {

    // as the system words them; an unknown wording, or another language, is passed on without advice
    private static final Map<String, String> ADVICE = Map.of(
            "the disk is full", "Free space on this disk, then start again", // in the words of backends
            "no space left", "Free space on this disk, then start again",
            "quota exceeded", "Free space or raise the quota, then start again",
            "too many open files", "Raise the limit of open files (ulimit -n) of this process, then start again",
            "read-only file system",
                    "Mount the file system for writing; after an error of the disk the system makes it"
                            + " read-only, so look into its log first",
            "not a directory", "Set mooring.directory to a directory, or to a path where one can be created",
            "too many levels of symbolic links", "Mend the link",
            "input/output error", "The disk failed: look into the system's log, and replace it");

    private Faults() {}

    /** The same error, with the path and what to do; storage errors pass as they are. */
    static StorageException explain(Path directory, IOException e) {
        if (e instanceof StorageException storage) {
            return storage;
        }
        if (e instanceof AccessDeniedException) {
            return refused(directory, e, "permission denied", permission());
        }
        if (e instanceof NotDirectoryException notDirectory) {
            Path there = directory.resolve(String.valueOf(notDirectory.getFile()));
            boolean isInside = there.startsWith(directory) && !there.equals(directory);
            return refused(
                    directory,
                    e,
                    "not a directory",
                    isInside
                            ? "It has to be a directory of this storage: put that back, and see what replaced it"
                            : ADVICE.getOrDefault("not a directory", ""));
        }
        if (e instanceof NoSuchFileException) {
            return refused(
                    directory,
                    e,
                    "no such file or directory",
                    "Something is removing files here, or a parent"
                            + " directory is missing; make sure that the disk is mounted");
        }
        if (isDenied(e)) { // by a backend's engine, in its own words
            return new StorageException.Refused(
                    directory + " can not be opened: " + e.getMessage() + ". " + permission(), e);
        }
        String advice = advice(String.valueOf(e.getMessage()));
        if (e instanceof FileSystemException system) {
            return refused(directory, e, String.valueOf(system.getReason()), advice);
        }
        return new StorageException.Failed(
                directory + " can not be opened, reading or writing failed: " + e.getMessage() + ". Nothing new was"
                        + " acknowledged. " + (advice.isEmpty() ? "Mend the disk, then open it again" : advice),
                e);
    }

    static StorageException explain(Path directory, ReadOnlyFileSystemException e) {
        return new StorageException.Refused(
                directory + " can not be opened: read-only file system. " + advice("read-only file system"), e);
    }

    private static boolean isDenied(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            boolean saysSo =
                    String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("permission denied");
            if (saysSo || cause instanceof AccessDeniedException) {
                return true;
            }
        }
        return false;
    }

    private static String permission() {
        return "Give the user '" + System.getProperty("user.name")
                + "', as whom this process runs, read and write permission there, and search permission for every"
                + " directory above";
    }

    private static StorageException refused(Path directory, IOException e, String reason, String advice) {
        String file = e instanceof FileSystemException system ? String.valueOf(system.getFile()) : directory.toString();
        return new StorageException.Refused(
                directory + " can not be opened: " + file + ": " + reason + ". "
                        + (advice.isEmpty() ? "Mend that, then start again" : advice),
                e);
    }

    private static String advice(String message) {
        String lowerCase = message.toLowerCase(Locale.ROOT);
        return ADVICE.entrySet().stream()
                .filter(known -> lowerCase.contains(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }
}
