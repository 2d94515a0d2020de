// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Entry;
import dev.mooring.tck.model.Picture;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What checks say: the observation only; {@link RuleExtension} adds the rule that it breaks. */
final class Check {

    private Check() {}

    /** Something that must not be seen was seen. */
    static final class Observation extends AssertionError {
        private static final long serialVersionUID = 1L;

        Observation(String observed) {
            super(observed);
        }
    }

    static void that(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new Observation(otherwise.get());
        }
    }

    static void equal(@Nullable Object expected, @Nullable Object found, String what) {
        that(Objects.equals(expected, found), () -> what + " is " + found + " instead of " + expected);
    }

    static void sameEntries(List<Entry> expected, List<Entry> found, String what) {
        for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
            Entry want = expected.get(i);
            Entry have = found.get(i);
            that(
                    want.equals(have),
                    () -> what + ": read " + Picture.describe(have) + " instead of " + Picture.describe(want));
        }
        that(
                expected.size() == found.size(),
                () -> what + ": read " + found.size() + " entries instead of " + expected.size());
    }

    static RuntimeException fail(String observed) {
        throw new Observation(observed);
    }
}
