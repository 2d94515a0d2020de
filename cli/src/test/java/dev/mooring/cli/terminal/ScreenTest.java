// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ScreenTest {

    private static final String ESCAPE = "\033";

    @Test
    void inAPipeThereAreNoCodesAndALineForEachTenthOfTheWork() {
        TestTerminal terminal = TestTerminal.plain();
        Screen screen = new Screen(terminal.terminal());
        try (ProgressDisplay progress = screen.progress("loading", "lines", 2_000)) {
            for (int line = 1; line <= 2_000; line++) {
                progress.reached(line);
            }
            screen.heading("heading");
            screen.good("good");
        }
        assertThat(terminal.out()).doesNotContain(ESCAPE, "\r").contains("heading", "good");
        assertThat(terminal.err())
                .doesNotContain(ESCAPE, "\r")
                .startsWith("loading: 10 %, 200 of 2,000 lines")
                .endsWith("loading: 100 %, 2,000 of 2,000 lines" + System.lineSeparator());
        assertThat(terminal.err().lines()).hasSize(10);
    }

    @Test
    void onATerminalALineIsWrittenInPlaceOfTheBarWhichIsDrawnAgainBelow() {
        TestTerminal terminal = TestTerminal.interactive();
        Screen screen = new Screen(terminal.terminal());
        screen.drawBar("bar 1");
        screen.heading("heading");
        screen.endBar();
        assertThat(terminal.out()).isEqualTo(ESCAPE + "[1mheading" + ESCAPE + "[0m" + System.lineSeparator());
        String wipe = "\r" + ESCAPE + "[K";
        assertThat(terminal.err()).isEqualTo(wipe + "bar 1" + wipe + "bar 1" + wipe);
    }

    @Test
    @Timeout(60)
    void onATerminalProgressIsABarThatGoesAtTheEnd() {
        TestTerminal terminal = TestTerminal.interactive();
        try (ProgressDisplay progress = new Screen(terminal.terminal()).progress("loading", "lines", 100)) {
            progress.reached(100);
            while (!terminal.err().contains("100/100")) {
                Thread.onSpinWait(); // it is drawn every tenth of a second
            }
        }
        assertThat(terminal.err()).contains("loading", "100%").endsWith("\r" + ESCAPE + "[K");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void numbersAreWrittenTheSameEverywhere() {
        assertThat(Screen.count(1_234_567)).isEqualTo("1,234,567");
        assertThat(Screen.size(1_023)).isEqualTo("1023 bytes");
        assertThat(Screen.size(1_536)).isEqualTo("1.5 KiB");
        assertThat(Screen.size(3 * 1024 * 1024)).isEqualTo("3.0 MiB");
        assertThat(Screen.seconds(1_250_000_000)).isEqualTo("1.3 s");
    }
}
