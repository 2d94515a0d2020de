// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** lmdbjava's iterators over a range leave out keys, and say nothing: only cursors are used, see the page of this backend. */
class CursorsTest {

    @Test
    void noIteratorOverARangeIsUsed() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(sources).anyMatch(file -> file.endsWith("Tree.java"));
        for (Path source : sources) {
            assertThat(Files.readString(source)).doesNotContain("KeyRange", "CursorIterable", ".iterate(");
        }
    }
}
