// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Walks along a recording and knows at every position what is durable and what is pending: written, and neither forced
 * nor safe to be lost.
 */
final class Replay {

    private final Recording recording;
    private final boolean journalled;
    private final Map<Long, FileContent> files; // durable, frozen
    private final Directories directories; // durable
    private final Map<Long, Long> sizes = new HashMap<>(); // as a process sees them
    private List<Change> pending = new ArrayList<>();
    private long nextNode;
    private int position;
    private int acked;
    private int started;

    Replay(Recording recording) {
        this.recording = recording;
        this.journalled = recording.model() == DiskModel.JOURNALLED;
        this.files = new HashMap<>(recording.mounted().contents());
        this.directories = new Directories(recording.mounted().directories());
        this.nextNode = recording.mounted().nextNode();
    }

    int position() {
        return position;
    }

    int acked() {
        return acked;
    }

    int started() {
        return started;
    }

    List<Change> pending() {
        return pending;
    }

    /** Goes to just before the event at {@code target}, which is not behind. */
    void advance(int target) {
        while (position < target) {
            apply(recording.events().get(position));
            position++;
        }
    }

    private void apply(DiskEvent event) {
        if (event instanceof DiskEvent.Written written) {
            write(written);
        } else if (event instanceof DiskEvent.Synced synced) {
            sync(synced);
        } else if (event instanceof DiskEvent.Resized resized) {
            long old = size(resized.node());
            pending.add(new Change.OfSize(position, resized.node(), old, resized.size(), true, resized.path()));
            sizes.put(resized.node(), resized.size());
        } else if (event instanceof DiskEvent.Forced forced) {
            force(forced);
        } else if (event instanceof DiskEvent.DirectoryForced forced) {
            force(forced);
        } else if (event instanceof DiskEvent.Started call) {
            started = Math.max(started, call.call());
        } else if (event instanceof DiskEvent.Acknowledged call) {
            acked = Math.max(acked, call.call());
        } else if (!(event instanceof DiskEvent.Marked)) {
            if (event instanceof DiskEvent.Created created) {
                nextNode = Math.max(nextNode, created.node() + 1);
                if (created.directory()) {
                    directories.add(created.node());
                }
            }
            pending.add(new Change.OfEntry(position, event));
        }
    }

    private long size(long node) {
        Long known = sizes.get(node);
        return known != null
                ? known
                : files.getOrDefault(node, FileContent.EMPTY).size();
    }

    private void write(DiskEvent.Written written) {
        long node = written.node();
        int from = 0;
        while (from < written.data().length()) {
            long at = written.position() + from;
            int inPage = (int) (at % Page.BYTES);
            int length = Math.min(Page.BYTES - inPage, written.data().length() - from);
            pending.add(new Change.OfPage(
                    position, node, (int) (at / Page.BYTES), inPage, written.data(), from, length, written.path()));
            from += length;
            long old = size(node);
            if (at + length > old) { // page by page, for so far a length may get while a write goes out
                pending.add(new Change.OfSize(position, node, old, at + length, false, written.path()));
                sizes.put(node, at + length);
            }
        }
    }

    /** The force of the pages that a write has touched; what else is in them goes with it. */
    private void sync(DiskEvent.Synced synced) {
        long node = synced.node();
        int first = (int) (synced.position() / Page.BYTES);
        int last = (int) ((synced.position() + synced.length() - 1) / Page.BYTES);
        Predicate<Change.OfPage> touched = page -> page.node == node && page.page >= first && page.page <= last;
        if (synced.failed()) {
            clean(touched);
            return;
        }
        settle(change -> change instanceof Change.OfPage page ? touched.test(page) : isMetadataOf(node, change));
    }

    /** A force failed on these pages. */
    private void clean(Predicate<Change.OfPage> pages) {
        for (Change change : pending) {
            if (change instanceof Change.OfPage page && pages.test(page)) {
                page.clean = true;
            }
        }
    }

    private void force(DiskEvent.Forced forced) {
        long node = forced.node();
        if (forced.failed()) {
            clean(page -> page.node == node);
            return;
        }
        Set<Integer> dirty = new HashSet<>();
        for (Change change : pending) {
            if (change instanceof Change.OfPage page && page.node == node && !page.clean) {
                dirty.add(page.page);
            }
        }
        // a page goes out whole: what a failed force left behind in it goes with what was written later
        settle(change -> change instanceof Change.OfPage page
                ? page.node == node && dirty.contains(page.page)
                : isMetadataOf(node, change));
    }

    /** What a force of a file makes durable besides its bytes. */
    private boolean isMetadataOf(long node, Change change) {
        if (change instanceof Change.OfSize size) {
            return size.node() == node || (journalled && size.truncation());
        }
        return journalled && change instanceof Change.OfEntry;
    }

    private void force(DiskEvent.DirectoryForced forced) {
        long node = forced.node();
        if (forced.failed()) {
            for (Change change : pending) {
                if (!journalled && change instanceof Change.OfEntry entry && entry.directory() == node) {
                    entry.clean = true;
                }
            }
            return;
        }
        boolean dirty = false;
        for (Change change : pending) {
            dirty |= change instanceof Change.OfEntry entry && entry.directory() == node && !entry.clean;
        }
        boolean written = dirty;
        settle(change -> change instanceof Change.OfEntry entry
                ? journalled || (entry.directory() == node && written)
                : journalled && change instanceof Change.OfSize size && size.truncation());
    }

    /** Makes durable what matches, in order. */
    private void settle(Predicate<Change> durable) {
        List<Change> rest = new ArrayList<>();
        Map<Long, FileContent> changed = new HashMap<>();
        for (Change change : pending) {
            if (!durable.test(change)) {
                rest.add(change);
            } else if (change instanceof Change.OfEntry entry) {
                directories.apply(entry.what);
            } else if (change instanceof Change.OfPage page) {
                page.apply(changing(changed, page.node), page.parts());
            } else if (change instanceof Change.OfSize size) {
                FileContent content = changing(changed, size.node());
                if (size.truncation()) {
                    rest = withoutBeyond(rest, size);
                }
                resize(content, size);
                if (content.size() < size.size()) {
                    rest.add(new Change.OfSize(
                            size.event(), size.node(), content.size(), size.size(), false, size.path()));
                }
            }
        }
        changed.forEach((node, content) -> files.put(node, content.freeze()));
        pending = rest;
    }

    private FileContent changing(Map<Long, FileContent> changed, long node) {
        return changed.computeIfAbsent(
                node, key -> files.getOrDefault(key, FileContent.EMPTY).copy());
    }

    /** A durable truncation is the end of every earlier change of what it cut off. */
    private static List<Change> withoutBeyond(List<Change> changes, Change.OfSize truncation) {
        List<Change> left = new ArrayList<>();
        for (Change change : changes) {
            if (change instanceof Change.OfPage page && page.node == truncation.node()) {
                if (page.position() + page.length <= truncation.size()) {
                    left.add(page);
                } else if (page.position() < truncation.size()) {
                    left.add(page.before(truncation.size()));
                }
            } else if (!(change instanceof Change.OfSize size) || size.node() != truncation.node()) {
                left.add(change);
            }
        }
        return left;
    }

    private void resize(FileContent content, Change.OfSize size) {
        if (!size.truncation()) {
            content.setSize(size.size());
        } else if (journalled) {
            content.resize(Math.min(content.size(), size.size())); // it cut off a tail that was never on the disk
        } else {
            content.resize(size.size());
        }
    }

    /** The disk with what is durable and what of each pending change is kept. */
    DiskImage image(int[] kept) {
        Map<Long, FileContent> contents = new HashMap<>(files);
        Map<Long, FileContent> changed = new HashMap<>();
        Directories names = new Directories(directories.share());
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] == 0) {
                continue;
            }
            Change change = pending.get(i);
            if (change instanceof Change.OfEntry entry) {
                names.apply(entry.what);
            } else if (change instanceof Change.OfPage page) {
                page.apply(changing(changed, page.node), kept[i]);
            } else if (change instanceof Change.OfSize size) {
                resize(changing(changed, size.node()), size);
            }
        }
        changed.forEach((node, content) -> {
            content.cutTail(); // bytes beyond the length are on the disk and belong to nobody
            contents.put(node, content.freeze());
        });
        return new DiskImage(contents, names.share(), nextNode);
    }

    /** The choice that keeps all: the disk as a process sees it. */
    int[] everything() {
        int[] all = new int[pending.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = pending.get(i).parts();
        }
        return all;
    }
}
