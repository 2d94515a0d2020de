// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GroupIndexTest {

    /** Sum over what was added and not removed. */
    private static final class Sum implements GroupIndex.Accounting {
        long bytes;

        @Override
        public void added(long place, int payloadBytes) {
            bytes += place + payloadBytes;
        }

        @Override
        public void removed(long place, int payloadBytes) {
            bytes -= place + payloadBytes;
        }
    }

    @Test
    void holdsWhatASortedMapHolds() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            GroupIndex index = new GroupIndex();
            Sum sum = new Sum();
            TreeMap<Long, Integer> expected = new TreeMap<>();
            long next = random.nextInt(1000);
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> {
                        long from = random.nextInt(1500);
                        index.removeFrom(from, sum);
                        expected.tailMap(from, true).clear();
                        next = expected.isEmpty() ? from : expected.lastKey() + 1;
                    }
                    case 1 -> {
                        long below = random.nextInt(1500);
                        index.removeBelow(below, sum);
                        expected.headMap(below, false).clear();
                    }
                    case 2 -> {
                        long sparse = random.nextInt(3000);
                        index.put(sparse, sparse, 7, sum);
                        expected.put(sparse, 7);
                    }
                    default -> {
                        for (int i = random.nextInt(90); i > 0; i--) {
                            int length = random.nextInt(500);
                            index.put(next, next, length, sum);
                            expected.put(next, length);
                            next++;
                        }
                    }
                }
                assertThat(index.count()).isEqualTo(expected.size());
                long bytes = 0;
                for (Map.Entry<Long, Integer> each : expected.entrySet()) {
                    assertThat(index.place(each.getKey())).isEqualTo(each.getKey());
                    assertThat(index.payloadBytes(each.getKey())).isEqualTo(each.getValue());
                    bytes += each.getKey() + each.getValue();
                }
                assertThat(sum.bytes).isEqualTo(bytes);
                long probe = random.nextInt(3500);
                assertThat(index.place(probe)).isEqualTo(expected.containsKey(probe) ? probe : Place.NONE);
                assertThat(index.firstHeld(probe, 4000))
                        .isEqualTo(expected.ceilingKey(probe) == null ? 4001 : expected.ceilingKey(probe));
            }
        }
    }

    /** Less than 16 bytes an entry, for one large group and for small ones. */
    @Test
    void takesLessThanSixteenBytesAnEntry() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long before = runtime.totalMemory() - runtime.freeMemory();
        GroupIndex index = new GroupIndex();
        int count = 2_000_000;
        for (int i = 0; i < count; i++) {
            index.put(i, i, 100, new Sum());
        }
        System.gc();
        long after = runtime.totalMemory() - runtime.freeMemory();
        assertThat(index.count()).isEqualTo(count);
        assertThat((after - before) / (double) count).isLessThan(16);
    }
}
