// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The catalogue as a page, {@code RULES.md}. */
final class RulesPage {

    private static final Map<String, String> FAMILIES = new LinkedHashMap<>();

    static {
        FAMILIES.put("PROV", "Provider");
        FAMILIES.put("LIFE", "Life");
        FAMILIES.put("LOG", "Log");
        FAMILIES.put("READ", "Read");
        FAMILIES.put("STATE", "State");
        FAMILIES.put("SNAP", "Snapshot");
        FAMILIES.put("REL", "Release");
        FAMILIES.put("GROUP", "Groups");
        FAMILIES.put("CRASH", "Crash");
        FAMILIES.put("FAULT", "Faults");
        FAMILIES.put("DAMAGE", "Damage");
        FAMILIES.put("MODEL", "Model");
    }

    private RulesPage() {}

    static String text() {
        Map<String, List<Rule>> byFamily =
                Arrays.stream(Rule.values()).collect(Collectors.groupingBy(Rule::family, Collectors.toList()));
        StringBuilder page = new StringBuilder("""
                # The rules

                Generated from `dev.mooring.tck.Rule`; do not edit. After a change of the catalogue, write it anew with
                `./mvnw -pl tck -am test -Dtest=RulesPageTest -Dmooring.tck.regenerate -Dsurefire.failIfNoSpecifiedTests=false`.

                Numbers are stable for ever: a withdrawn rule keeps its own. *Kept by* says whether the backend alone keeps a
                rule, and so is checked alone, or core and backend together. *Needs* says what a backend must claim before
                the rule binds it; what it does not claim is reported as *not claimed*, never as held.
                """);
        FAMILIES.forEach((family, name) -> {
            page.append("\n## ").append(name).append(" (").append(family).append(")\n\n");
            page.append("| Number | Rule | Kept by | Needs | Source |\n|---|---|---|---|---|\n");
            for (Rule rule : byFamily.getOrDefault(family, List.of())) {
                page.append("| ").append(rule.id());
                page.append(" | ").append(rule.text().replace("|", "\\|"));
                page.append(" | ").append(rule.level() == Rule.Level.CORE ? "core and backend" : "backend");
                page.append(" | ").append(rule.needs() == Claim.NONE ? "" : "`" + rule.needs() + "`");
                page.append(" | ").append(rule.source().replace("|", "\\|")).append(" |\n");
            }
        });
        return page.toString();
    }
}
