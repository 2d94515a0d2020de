// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SystemCallsTest {

    @Test
    void aCallThatWasInterruptedByAnotherThreadsIsPutTogetherWhereItEnded() {
        List<String> whole = SystemCalls.whole(List.of(
                "6703  pwrite64(8</data/a>, \"x y\", 3, 0 <unfinished ...>",
                "6704  fsync(9</data/b> <unfinished ...>",
                "6703  <... pwrite64 resumed>) = 3",
                "6705  write(1</out>, \"<... a resumed>\", 15) = 15",
                "6704  <... fsync resumed>) = -1 EIO (Input/output error) (INJECTED)",
                "6706  fsync(9</data/c> <unfinished ...>"));
        assertThat(whole)
                .containsExactly(
                        "pwrite64(8</data/a>, \"x y\", 3, 0) = 3",
                        "write(1</out>, \"<... a resumed>\", 15) = 15",
                        "fsync(9</data/b>) = -1 EIO (Input/output error) (INJECTED)",
                        "fsync(9</data/c>");
    }
}
