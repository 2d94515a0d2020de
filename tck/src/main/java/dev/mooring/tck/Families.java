// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** Finds out which rules the kit has checks of. */
final class Families {

    private Families() {}

    static Set<Rule> checkedRules() {
        Set<Rule> rules = EnumSet.noneOf(Rule.class);
        for (Class<?> nested : StorageTck.class.getDeclaredClasses()) {
            if (nested.isAnnotationPresent(Nested.class)) {
                for (Class<?> type = nested; type != Object.class && type != null; type = type.getSuperclass()) {
                    for (Method method : type.getDeclaredMethods()) {
                        Verifies verifies = method.getAnnotation(Verifies.class);
                        if (verifies != null) {
                            rules.add(verifies.value());
                        }
                    }
                }
            }
        }
        return rules;
    }
}
