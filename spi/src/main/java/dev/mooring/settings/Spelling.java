// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that somebody probably meant. Case and the separators dot, dash, blank and underscore are all one. */
public final class Spelling {

    private static final int LONGEST_COMPARED = 100;
    private static final int SHORTEST_BEGINNING = 3;

    private Spelling() {}

    /**
     * The known word that resembles this one most, or else the only one that it begins; null if there is none. Good enough
     * for a suggestion.
     */
    public static @Nullable String nearest(String word, Collection<String> known) {
        return known.stream()
                .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
                .min(Comparator.<String>comparingInt(candidate -> distance(word, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseGet(() -> begunBy(word, known));
    }

    private static @Nullable String begunBy(String word, Collection<String> known) {
        List<String> begun = known.stream()
                .filter(candidate -> word.length() >= SHORTEST_BEGINNING && candidate.startsWith(word))
                .toList();
        return begun.size() == 1 ? begun.get(0) : null;
    }

    /** The known word that this one is all but certainly a slip of; null if there is none. Good enough for a refusal. */
    public static @Nullable String slipOf(String word, Collection<String> known) {
        return known.stream()
                .filter(candidate -> distance(word, candidate) <= Math.min(2, candidate.length() / 5))
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .orElse(null);
    }

    /** Fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
    static int distance(String one, String other) {
        if (Math.max(one.length(), other.length()) > LONGEST_COMPARED) {
            return Integer.MAX_VALUE;
        }
        String a = normalised(one);
        String b = normalised(other);
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], 1 + d[i - 2][j - 2]);
                }
            }
        }
        return d[a.length()][b.length()];
    }

    private static String normalised(String word) {
        return word.strip().toLowerCase(Locale.ROOT).replaceAll("[._ ]", "-");
    }
}
