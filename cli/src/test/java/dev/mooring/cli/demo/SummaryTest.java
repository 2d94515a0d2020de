// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.TestTerminal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is found is judged line by line. */
class SummaryTest {

    private static final int LINES = 200;

    private final Text text = text();
    private final BitSet acknowledged = new BitSet();
    private final SortedMap<Integer, byte[]> contents = new TreeMap<>();
    private final TestTerminal terminal = TestTerminal.plain();

    SummaryTest() {
        for (int line = 1; line <= LINES; line++) {
            acknowledged.set(line);
            contents.put(line, text.line(line).clone());
        }
    }

    @Test
    void everyAcknowledgedLineInPlaceIsGood() {
        assertThat(verdict()).isTrue();
        assertThat(terminal.out()).contains("acknowledged  200 of 200 lines", "OK:");
    }

    @Test
    void aMissingAcknowledgedLineIsNot() {
        contents.remove(LINES);
        assertThat(verdict()).isFalse();
        assertThat(terminal.out()).contains("missing 1", "FAILED: n2", "beginning with line 200");
    }

    @Test
    void aLineThatWasNotAcknowledgedMayBeMissing() {
        contents.remove(LINES);
        acknowledged.clear(LINES);
        assertThat(Comparison.of(text, acknowledged, contents).isGood()).isTrue();
    }

    @Test
    void aChangedByteIsNotGood() {
        contents.get(17)[0] ^= 1;
        assertThat(verdict()).isFalse();
        assertThat(terminal.out()).contains("different 1", "beginning with line 17");
    }

    @Test
    void aLineThatIsNotInTheTextIsNotGood() {
        contents.put(0, new byte[0]);
        contents.put(LINES + 1, new byte[0]);
        assertThat(verdict()).isFalse();
        assertThat(terminal.out()).contains("not in the text 2", "beginning with line 0");
    }

    @Test
    void serversThatDifferAreNotGood() {
        Summary summary = new Summary();
        summary.found("n1", Comparison.of(text, acknowledged, contents));
        summary.loaded(LINES);
        summary.sameEverywhere(false);
        assertThat(summary.print(new Screen(terminal.terminal()), text)).isFalse();
        assertThat(terminal.out()).contains("do not hold the same");
    }

    @Test
    void aLoadThatDidNotFinishIsNotGood() {
        Summary summary = new Summary();
        summary.found("n1", Comparison.of(text, acknowledged, contents));
        summary.sameEverywhere(true);
        summary.loaded(LINES - 1);
        assertThat(summary.print(new Screen(terminal.terminal()), text)).isFalse();
        assertThat(terminal.out()).contains("FAILED: only 199 of 200");
    }

    @Test
    void contentsAreTheSameIfKeysAndValuesAre() {
        SortedMap<Integer, byte[]> other = new TreeMap<>();
        contents.forEach((key, value) -> other.put(key, value.clone()));
        assertThat(Comparison.same(contents, other)).isTrue();
        other.get(3)[0] ^= 1;
        assertThat(Comparison.same(contents, other)).isFalse();
        other.remove(3);
        assertThat(Comparison.same(contents, other)).isFalse();
    }

    private boolean verdict() {
        SortedMap<Integer, byte[]> whole = new TreeMap<>();
        for (int line = 1; line <= LINES; line++) {
            whole.put(line, text.line(line));
        }
        Summary summary = new Summary();
        summary.found("n1", Comparison.of(text, acknowledged, whole));
        summary.found("n2", Comparison.of(text, acknowledged, contents));
        summary.sameEverywhere(Comparison.same(whole, contents));
        summary.loaded(LINES);
        return summary.print(new Screen(terminal.terminal()), text);
    }

    private static Text text() {
        List<byte[]> lines = new ArrayList<>();
        for (int line = 1; line <= LINES; line++) {
            lines.add(("line " + line).getBytes(StandardCharsets.UTF_8));
        }
        return new Text("a text", lines, 1_600);
    }
}
