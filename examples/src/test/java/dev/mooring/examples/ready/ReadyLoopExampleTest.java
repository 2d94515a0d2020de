// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
class ReadyLoopExampleTest {

    @TempDir
    Path directory;

    @Test
    void threeServersAgreeAndComeBackWithEverything() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ReadyLoopExample.main(new String[] {directory.toString()});
        } finally {
            System.setOut(out);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        lines.forEach(out::println);
        assertThat(lines.get(0)).startsWith("agreed: ").contains("(aux 66, rid 67, scd 67)");
        assertThat(lines.get(1)).startsWith("after a restart: ").contains("(aux 66, rid 67, scd 67)");
    }
}
