// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.reference.Bug;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The bugs that lose or change what is kept. */
final class MutantsOfContentsTest extends Mutants {

    MutantsOfContentsTest() {
        super(Mutants::isOfContents);
    }

    @Test
    void aScriptThatFailsIsShrunkToStepsThatCanBePasted() {
        // in many steps there are saves without a vote; one is enough
        List<Throwable> thrown = run(Bug.EMPTY_VOTE_BECOMES_NULL, Set.of(Rule.MODEL_1));
        assertThat(thrown)
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("Seed ")
                        .hasMessageContaining("shrunk to ")
                        .hasMessageContaining("new Step.Save(List.of(new Step.Part("));
        assertThat(thrown.get(0).getMessage().lines().filter(line -> line.contains("new Step.")))
                .hasSizeLessThan(8);
    }
}
