// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.function.Predicate;

/**
 * Calls that fail: those of one kind, on paths that match, counted from the moment the fault is injected.
 *
 * @param operation kind of call
 * @param paths which absolute paths count; of a rename, the source
 * @param nth the first call that fails, from 1
 * @param times how many calls fail, that one included
 * @param failure how they fail
 */
public record Fault(Operation operation, Predicate<String> paths, int nth, int times, Failure failure) {

    /**
     * The {@code nth} call from now on fails, once.
     *
     * @param operation what fails
     * @param nth which call, from 1
     * @param failure how it fails
     * @return the fault, to be injected
     */
    public static Fault once(Operation operation, int nth, Failure failure) {
        return new Fault(operation, path -> true, nth, 1, failure);
    }

    /**
     * The {@code nth} call from now on fails, and every later one.
     *
     * @param operation what fails
     * @param nth which call, from 1
     * @param failure how it fails
     * @return the fault, to be injected
     */
    public static Fault from(Operation operation, int nth, Failure failure) {
        return new Fault(operation, path -> true, nth, Integer.MAX_VALUE, failure);
    }

    /**
     * The same for paths that contain {@code part} only.
     *
     * @param part part of a path
     * @return the narrower fault
     */
    public Fault on(String part) {
        return new Fault(operation, path -> path.contains(part), nth, times, failure);
    }

    /** Whether the call that is the {@code count}-th to match fails. */
    boolean hits(int count) {
        return count >= nth && count - nth < times;
    }
}
