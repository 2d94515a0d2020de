// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.CallTrace.Kind;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many processes one check killed at a system call. Of a kind that an engine never calls in the directory, a rename
 * perhaps, there are none, and nothing is known of it: that is for the reader to see.
 *
 * @param meanwhile what the processes did, a few words
 * @param byKind by what they were killed at
 */
record Killed(String meanwhile, Map<Kind, Integer> byKind) {

    Killed {
        Map<Kind, Integer> all = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            all.put(kind, byKind.getOrDefault(kind, 0));
        }
        byKind = Collections.unmodifiableMap(all);
    }

    /** Those of all checks, in one sentence. */
    static String text(List<Killed> all) {
        return all.stream().map(Killed::toString).collect(Collectors.joining("; "));
    }

    @Override
    public String toString() {
        return "while " + meanwhile + ": "
                + Arrays.stream(Kind.values()).map(this::count).collect(Collectors.joining(", "));
    }

    private String count(Kind kind) {
        int count = byKind.getOrDefault(kind, 0);
        return count + " " + kind.name().toLowerCase(Locale.ROOT) + (count == 1 ? "" : "s");
    }

    String json() {
        return "{" + Json.field("while", meanwhile) + ", "
                + byKind.entrySet().stream()
                        .map(each -> Json.string(each.getKey().name().toLowerCase(Locale.ROOT) + "s") + ": "
                                + each.getValue())
                        .collect(Collectors.joining(", "))
                + "}";
    }
}
