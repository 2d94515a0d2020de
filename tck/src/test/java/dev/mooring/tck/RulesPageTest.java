// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class RulesPageTest {

    private static final Path PAGE = Path.of("RULES.md");

    @Test
    void thePageIsCurrent() throws IOException {
        if (System.getProperty("mooring.tck.regenerate") != null) {
            Files.writeString(PAGE, RulesPage.text());
        }
        assertThat(Files.readString(PAGE))
                .as("%s; the page itself says how to write it anew", PAGE)
                .isEqualTo(RulesPage.text());
    }

    @Test
    void everyRuleIsOnThePage() {
        assertThat(Arrays.asList(Rule.values()))
                .allSatisfy(rule -> assertThat(RulesPage.text()).contains("| " + rule.id() + " |"));
    }

    @Test
    void everyRuleIsOneSentenceThatBindsAndNamesItsSource() {
        assertThat(Arrays.asList(Rule.values())).allSatisfy(rule -> {
            assertThat(rule.text()).contains("MUST").endsWith(".");
            assertThat(rule.source()).isNotBlank();
            assertThat(Rule.byId(rule.id())).contains(rule);
        });
    }

    @Test
    void everyRuleHasACheck() {
        assertThat(Families.checkedRules()).containsExactlyInAnyOrder(Rule.values());
    }
}
