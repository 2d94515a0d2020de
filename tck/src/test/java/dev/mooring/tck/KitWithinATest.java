// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a test run the kit itself: with a seed that never changes, without a report and with the default number of cases. An
 * exhaustive run checks more rules instead.
 */
final class KitWithinATest implements BeforeEachCallback, AfterEachCallback {

    private static final Map<String, String> PROPERTIES = Map.of(
            Settings.REPORT,
            Settings.NO_REPORT,
            Settings.SEED,
            "20261124",
            Settings.QUICK,
            "false",
            Settings.EXHAUSTIVE,
            "false");

    private final Map<String, String> before = new HashMap<>();

    @Override
    public void beforeEach(ExtensionContext context) {
        PROPERTIES.forEach((name, value) -> {
            String old = System.getProperty(name);
            if (old != null) {
                before.put(name, old);
            }
            System.setProperty(name, value);
        });
    }

    @Override
    public void afterEach(ExtensionContext context) {
        for (String name : PROPERTIES.keySet()) {
            String old = before.get(name);
            if (old == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, old);
            }
        }
    }

    /** Whether the run of which the test is a part is exhaustive. */
    boolean isExhaustive() {
        return Effort.of("false", before.getOrDefault(Settings.EXHAUSTIVE, "false")) == Effort.EXHAUSTIVE;
    }

    /** Lets the kits of this test do less from now on. */
    void quick() {
        System.setProperty(Settings.QUICK, "true");
    }
}
