// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Names of groups, files and directories on disks of any habit: GROUP-1. */
class NamesTest extends SnapshotTest {

    private static final String ALPHABET = "ABCXYZabcxyz01289._-";

    @Test
    void plainNamesStayAsTheyAre() {
        assertThat(GroupName.encode("orders-17")).isEqualTo("orders-17");
        assertThat(GroupName.encode("Orders.v1_a")).isEqualTo("_orders_0v1__a");
        assertThat(GroupName.encode("con")).isEqualTo("_1con");
        assertThat(GroupName.encode("Con")).isEqualTo("_con");
    }

    @Test
    void everyGroupHasADirectoryOfItsOwnOnADiskThatIgnoresCase() {
        Random random = new Random(1);
        Set<String> groups = new TreeSet<>(List.of(
                "a",
                "A",
                "_a",
                "_A",
                "__a",
                ".",
                "..",
                "...",
                "a.",
                "a_",
                "_0",
                "_1",
                "_1con",
                "con",
                "CON",
                "Con",
                "nul",
                "aux",
                "prn",
                "com1",
                "lpt9",
                "com0",
                "com10",
                "con.txt",
                "-",
                "--",
                "-rf",
                "staging-1",
                "removed-2",
                "g.dropped-1",
                "1-1-1",
                "A".repeat(64),
                "_".repeat(64),
                ".".repeat(64),
                "a".repeat(64)));
        for (int i = 0; i < 20_000; i++) {
            StringBuilder group = new StringBuilder();
            for (int length = 1 + random.nextInt(i % 2 == 0 ? 4 : 64); length > 0; length--) {
                group.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            groups.add(group.toString());
        }
        Set<String> directories = new HashSet<>();
        for (String group : groups) {
            String directory = GroupName.encode(group);
            assertThat(directory).matches("[a-z0-9_-]{1,130}").doesNotMatch("con|nul|aux|prn|com[0-9]|lpt[0-9]");
            assertThat(directories.add(directory)).as(group).isTrue();
            assertThat(GroupName.decode(directory)).isEqualTo(group);
            assertThat(DirectoryNames.isDropped(directory)).isFalse();
            assertThat(DirectoryNames.isDropped(DirectoryNames.dropped(directory, 12)))
                    .isTrue();
        }
    }

    @Test
    void namesThatNobodyWroteAreNoGroups() {
        for (String name : List.of(
                "",
                "_",
                "a_",
                "_2",
                "A",
                "a.b",
                "_1abc",
                "a_1",
                "con",
                "lost+found",
                "a b",
                ".",
                "_1",
                "g.dropped-1",
                "a".repeat(65))) {
            assertThat(GroupName.decode(name)).as(name).isNull();
        }
        for (String group : List.of("", "a/b", "a b", "\u00e4", "a".repeat(65), "a\n")) {
            assertThatThrownBy(() -> snapshots.stage(group))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + group + "'");
        }
    }

    @Test
    void publishedNamesAreReadExactly() {
        SnapshotPointer last = new SnapshotPointer(Long.MAX_VALUE, Long.MAX_VALUE, false, Long.MAX_VALUE);
        for (SnapshotPointer pointer : List.of(last, pointer(0, 0, 0), pointer(10, 2, 3))) {
            assertThat(DirectoryNames.pointer(DirectoryNames.published(pointer)))
                    .isEqualTo(pointer);
        }
        for (String name : List.of(
                "1-1",
                "1-1-1-1",
                "01-1-1",
                "1-+1-1",
                "-1-1-1",
                "1--1-1",
                "9223372036854775808-1-1",
                "1-1-1.tmp",
                "staging-1",
                "removed-1",
                "a-b-c")) {
            assertThat(DirectoryNames.pointer(name)).as(name).isNull();
        }
    }

    @Test
    void groupsOfAnyNameAreKeptApart() throws IOException {
        Set<String> groups = new TreeSet<>(
                List.of("a", "A", "aa", "a.", ".", "..", "con", "1-1-1", "staging-1", "A".repeat(64), "a.dropped-1"));
        for (String group : groups) {
            StagedSnapshot staged = snapshots.stage(group);
            fill(staged, "name", group.getBytes(UTF_8));
            publish(staged, 1, 1, 1);
        }
        assertThat(reopened().groups()).isEqualTo(groups);
        snapshots.drop("a").run();
        groups.remove("a");
        for (String group : groups) {
            try (PublishedSnapshot snapshot = snapshots.open(group, pointer(1, 1, 1))) {
                assertThat(new String(read(snapshot, "name"), UTF_8)).isEqualTo(group);
            }
        }
        assertThat(snapshots.groups()).isEqualTo(groups);
    }

    @Test
    void fileNamesAreCheckedBeforeAnythingIsWritten() throws IOException {
        StagedSnapshot staged = snapshots.stage("g");
        List<String> good = List.of(
                "a",
                "MANIFEST",
                "a.b-c_d",
                "-",
                "_",
                "0",
                "x".repeat(128),
                "aux",
                "CON",
                "nul.txt",
                "Com1.a.b",
                "com10");
        for (String name : good) {
            fill(staged, name, bytes(1, 10));
        }
        for (String name : List.of(
                "",
                ".",
                "..",
                ".manifest",
                ".a",
                "a/b",
                "a\\b",
                "a b",
                "a.",
                "a..",
                "aux.",
                "\u00e4",
                "x".repeat(129))) {
            assertThatThrownBy(() -> staged.newFile(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Group 'g'")
                    .hasMessageContaining("'" + name + "'");
            assertThatThrownBy(() -> staged.write(name, 0, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String name : List.of("a", "A", "Manifest", "AUX", "con", "NUL.txt")) {
            assertThatThrownBy(() -> staged.newFile(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> staged.write("A", 0, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a'");
        SnapshotPointer pointer = publish(staged, 1, 1, 1); // none of it did any harm
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            assertThat(snapshot.files().keySet()).containsExactlyInAnyOrderElementsOf(good);
            for (String name : good) {
                assertThat(read(snapshot, name)).isEqualTo(bytes(1, 10));
            }
        }
    }
}
