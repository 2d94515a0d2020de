// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotingTest {

    @Test
    void whatATerminalWouldObeyIsShownAsAnEscape() {
        assertThat(Quoting.quote("a\0b\n\u001b[31m\u202e\u00e4"))
                .isEqualTo("'a\\u0000b\\u000a\\u001b[31m\\u202e\u00e4'");
    }

    @Test
    void aLongTextIsCutAndItsLengthTold() {
        assertThat(Quoting.quote("x".repeat(5_000))).hasSizeLessThan(250).contains("5000 characters");
    }
}
