// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts calls and picks those that fail. Guarded by its volume. */
final class Faults {

    private final Map<Operation, Integer> calls = new EnumMap<>(Operation.class);
    private final List<Armed> armed = new ArrayList<>();
    private boolean readOnly;

    private static final class Armed {
        final Fault fault;
        int count;

        Armed(Fault fault) {
            this.fault = fault;
        }
    }

    void inject(Fault fault) {
        armed.add(new Armed(fault));
    }

    void clear() {
        armed.clear();
        readOnly = false;
    }

    void readOnly() {
        readOnly = true;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    int calls(Operation operation) {
        return calls.getOrDefault(operation, 0);
    }

    /** Counts this call and says how it fails; null if it does not. */
    @Nullable
    Failure next(Operation operation, String path) {
        calls.merge(operation, 1, Integer::sum);
        Failure failure = null;
        for (Armed each : armed) {
            if (each.fault.operation() == operation && each.fault.paths().test(path)) {
                each.count++;
                if (failure == null && each.fault.hits(each.count)) {
                    failure = each.fault.failure();
                }
            }
        }
        return failure == null && readOnly && changes(operation) ? Failure.EROFS : failure;
    }

    private static boolean changes(Operation operation) {
        return switch (operation) {
            case CREATE, WRITE, TRUNCATE, RENAME, DELETE -> true;
            case OPEN, READ, FORCE, FORCE_DIRECTORY, LIST, STAT -> false;
        };
    }
}
