// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a disk could not do: trims a choice of what survives to one that its model allows. A choice has a number for each
 * pending change, whose bits are the parts that are kept.
 */
final class Survival {

    private record PageOf(long node, int page) {}

    private final List<Change> pending;
    private final boolean journalled;

    Survival(List<Change> pending, DiskModel model) {
        this.pending = pending;
        this.journalled = model == DiskModel.JOURNALLED;
    }

    /** Adds the earlier versions of every sector that is kept: the cache wrote it out with all that was in it by then. */
    void addEarlier(int[] kept) {
        Map<PageOf, Integer> wanted = new HashMap<>();
        for (int i = kept.length - 1; i >= 0; i--) {
            if (pending.get(i) instanceof Change.OfPage page) {
                int all = wanted.merge(new PageOf(page.node, page.page), kept[i], (one, other) -> one | other);
                kept[i] = all & page.parts();
            }
        }
    }

    /** Drops what can not survive without something that did not. */
    void trim(int[] kept) {
        Map<PageOf, Integer> lostSectors = new HashMap<>();
        Map<Long, List<Change.OfPage>> unwritten = new HashMap<>();
        Set<Long> lostLength = new HashSet<>();
        Map<Long, Long> lostTruncation = new HashMap<>(); // from where on blocks that it freed can not be in use again
        boolean lostMetadata = false;
        for (int i = 0; i < kept.length; i++) {
            Change change = pending.get(i);
            if (change instanceof Change.OfPage page) {
                Long freed = lostTruncation.get(page.node);
                if (freed != null && (long) page.page * Page.BYTES >= freed) {
                    kept[i] = 0;
                }
                PageOf key = new PageOf(page.node, page.page);
                int lost = lostSectors.getOrDefault(key, 0);
                kept[i] &= page.parts() & ~lost;
                lostSectors.put(key, lost | (page.parts() & ~kept[i]));
                if (journalled && kept[i] != page.parts() && !page.clean) {
                    unwritten
                            .computeIfAbsent(page.node, node -> new ArrayList<>())
                            .add(page);
                }
            } else if (change instanceof Change.OfSize size) {
                boolean possible = !lostLength.contains(size.node());
                if (journalled) {
                    possible = !lostMetadata
                            && (size.truncation()
                                    || (possible && isWritten(unwritten.getOrDefault(size.node(), List.of()), size)));
                }
                kept[i] = possible ? kept[i] & 1 : 0;
                if (kept[i] == 0) {
                    lostLength.add(size.node());
                    if (journalled && size.truncation()) {
                        lostMetadata = true;
                        lostTruncation.merge(size.node(), size.size(), Math::min);
                    }
                } else if (size.truncation() && size.size() == 0) {
                    lostLength.remove(size.node());
                }
            } else if (journalled) {
                kept[i] = lostMetadata ? 0 : kept[i] & 1;
                lostMetadata |= kept[i] == 0;
            } else {
                kept[i] &= 1;
            }
        }
    }

    /** Whether all bytes reached the disk that this length takes in. Those on which a force failed count as if they had. */
    private static boolean isWritten(List<Change.OfPage> unwritten, Change.OfSize size) {
        for (Change.OfPage page : unwritten) {
            if (page.position() + page.length > size.oldSize() && page.position() < size.size()) {
                return false;
            }
        }
        return true;
    }
}
