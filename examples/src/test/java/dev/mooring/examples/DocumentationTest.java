// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentationTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");

    @Test
    void everyLinkWithinTheProjectLeadsSomewhere() throws IOException {
        List<Path> pages = pages();
        assertThat(pages).contains(ROOT.resolve("README.md"), ROOT.resolve("docs/README.md"));
        for (Path page : pages) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                if (!link.group(1).contains("://")) {
                    assertThat(page.resolveSibling(link.group(1)))
                            .as("link in " + page)
                            .exists();
                }
            }
        }
    }

    @Test
    void theIndexNamesEveryPage() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/README.md"));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            assertThat(docs.map(path -> path.getFileName().toString()).filter(name -> !name.equals("README.md")))
                    .allSatisfy(name -> assertThat(index).contains("(" + name + ")"));
        }
    }

    @Test
    void thePageOfTheReadyLoopShowsCodeThatCompiles() throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/mooring/examples/ready/Node.java"));
        Matcher code = CODE.matcher(Files.readString(ROOT.resolve("docs/ready-loop.md")));
        int blocks = 0;
        for (; code.find(); blocks++) {
            assertThat(outdented(source)).contains(outdented(code.group(1)));
        }
        assertThat(blocks).isEqualTo(3);
    }

    /** A block on a page begins at the margin. */
    private static String outdented(String code) {
        return code.replaceAll("(?m)^ +", "");
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> root = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            Stream.concat(root, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .forEach(pages::add);
        }
        return pages;
    }
}
