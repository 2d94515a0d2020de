// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the storage said over a run, to be read through. */
final class MessagesTest {

    private final Messages messages = new Messages();

    @Test
    void messagesThatDifferInNamesNumbersAndPathsOnlyAreOne() {
        messages.heard(new StorageException.Corrupted(
                "Group 'a': /tmp/mooring-tck-81/data/log-1 at offset 1,024: stored 0badcafe, computed 12345678"));
        messages.heard(new StorageException.Corrupted(
                "Group 'b/c': /disk/data/log-22 at offset 7: stored 00000000, computed ffffffff"));
        messages.heard(new StorageException.Corrupted("Group 'a': /disk/data/log-22 is missing"));

        assertThat(messages.page("files")).isEqualTo("""
                # What a storage on `files` says when something is wrong

                Every error that the checks of this run provoked, once: names, numbers and paths are those of the first
                time.

                ## Corrupted

                - Group 'a': /tmp/mooring-tck-81/data/log-1 at offset 1,024: stored 0badcafe, computed 12345678 *(2 times)*
                - Group 'a': /disk/data/log-22 is missing
                """);
    }

    @Test
    void messagesThatDifferInTheIdOfAStorageOnlyAreOne() {
        messages.heard(new StorageException.Corrupted(
                "/data/MARK at offset 0: belongs to storage 01234567-89ab-4cde-8f01-23456789abcd"));
        messages.heard(new StorageException.Corrupted(
                "/data/MARK at offset 0: belongs to storage fedcba98-7654-4210-bfed-cba987654321"));

        assertThat(messages.page("files")).contains("01234567-89ab-4cde-8f01-23456789abcd *(2 times)*\n");
    }

    @Test
    void eachKindHasASectionAndAMissingMessageIsSaid() {
        messages.heard(new IllegalArgumentException("entry 7 would leave a gap"));
        messages.heard(new StorageException.Failed("closed"));
        messages.heard(new IOException());

        assertThat(messages.page("files"))
                .containsSubsequence("## Failed", "- closed", "## IOException", "- (no message)")
                .containsSubsequence("## IllegalArgumentException", "- entry 7 would leave a gap");
    }
}
