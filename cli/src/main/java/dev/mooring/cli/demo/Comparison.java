// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one server holds, compared entry by entry with the text.
 *
 * @param found number of lines that it holds as they are in the text
 * @param missing number of acknowledged lines that it does not hold
 * @param different number of keys whose line is not that of the text
 * @param foreign number of keys that are no line of the text
 * @param firstWrong the first key that is missing, different or foreign; null: none is
 */
record Comparison(
        int found,
        int missing,
        int different,
        int foreign,
        @Nullable Integer firstWrong) {

    static Comparison of(Text text, BitSet acknowledgedLines, SortedMap<Integer, byte[]> contents) {
        int found = 0;
        int missing = 0;
        int different = 0;
        Integer firstWrong = null;
        for (int line = 1; line <= text.lastLine(); line++) {
            byte[] value = contents.get(line);
            if (value != null && Arrays.equals(value, text.line(line))) {
                found++;
            } else if (value != null || acknowledgedLines.get(line)) {
                if (value != null) {
                    different++;
                } else {
                    missing++;
                }
                firstWrong = firstWrong == null ? Integer.valueOf(line) : firstWrong;
            }
        }
        int foreign = contents.headMap(1).size()
                + contents.tailMap(text.lastLine() + 1).size();
        if (foreign > 0 && firstWrong == null) {
            firstWrong = contents.firstKey() < 1 ? contents.firstKey() : contents.lastKey();
        }
        return new Comparison(found, missing, different, foreign, firstWrong);
    }

    boolean isGood() {
        return missing == 0 && different == 0 && foreign == 0;
    }

    /** Whether two servers hold the same keys with the same values. */
    static boolean same(SortedMap<Integer, byte[]> left, SortedMap<Integer, byte[]> right) {
        if (!left.keySet().equals(right.keySet())) {
            return false;
        }
        for (Map.Entry<Integer, byte[]> pair : left.entrySet()) {
            if (!Arrays.equals(pair.getValue(), right.get(pair.getKey()))) {
                return false;
            }
        }
        return true;
    }
}
