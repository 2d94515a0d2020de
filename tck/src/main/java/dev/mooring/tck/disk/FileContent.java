// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Length and pages of one file. Once frozen it never changes and may be shared between images and threads; a change then
 * starts from a {@link #copy}, which shares the pages.
 */
final class FileContent {

    static final FileContent EMPTY = new FileContent(new Page[0], 0).freeze();

    private @Nullable Page[] pages; // null: a hole; may be shorter or longer than the file
    private long size;
    private boolean frozen;
    private volatile long hash; // 0: not computed; only of a frozen one

    private FileContent(@Nullable Page[] pages, long size) {
        this.pages = pages;
        this.size = size;
    }

    FileContent freeze() {
        frozen = true;
        return this;
    }

    boolean isFrozen() {
        return frozen;
    }

    /** One that may be changed. */
    FileContent copy() {
        return new FileContent(pages.clone(), size);
    }

    long size() {
        return size;
    }

    /** Pages that take space on the disk. */
    int allocatedPages() {
        return allocatedPages(0, pages.length);
    }

    int allocatedPages(int first, int end) {
        int count = 0;
        for (int i = first; i < Math.min(end, pages.length); i++) {
            if (pages[i] != null) {
                count++;
            }
        }
        return count;
    }

    /** Writes at any position; what lies between the old end and it reads as zeros. */
    void write(long position, Data data) {
        int done = 0;
        while (done < data.length()) {
            long at = position + done;
            int inPage = (int) (at % Page.BYTES);
            int length = Math.min(Page.BYTES - inPage, data.length() - done);
            writePage((int) (at / Page.BYTES), inPage, data, done, length);
            done += length;
        }
        size = Math.max(size, position + data.length());
    }

    /** Changes a piece of one page, also beyond the end of the file, and leaves the length alone. */
    void writePage(int page, int at, Data data, int from, int length) {
        checkMutable();
        if (page >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 3 / 2));
        }
        Page old = pages[page];
        pages[page] = Page.with(old == null ? Page.ZERO : old, at, data, from, length);
    }

    /** Sets the length. What lies beyond it is gone, and reads as zeros should the file grow again. */
    void resize(long newSize) {
        checkMutable();
        size = newSize;
        cutTail();
    }

    /** Sets the length without a look at the pages; {@link #cutTail} must follow before anybody reads. */
    void setSize(long newSize) {
        checkMutable();
        size = newSize;
    }

    void cutTail() {
        int inPage = (int) (size % Page.BYTES);
        int end = (int) ((size + Page.BYTES - 1) / Page.BYTES);
        if (inPage != 0 && end - 1 < pages.length) {
            Page last = pages[end - 1];
            if (last != null && last != Page.ZERO) {
                pages[end - 1] = last.cut(inPage);
            }
        }
        if (end < pages.length) {
            Arrays.fill(pages, end, pages.length, null);
        }
    }

    void flip(long position, int bit) {
        checkMutable();
        int page = (int) (position / Page.BYTES);
        if (page >= pages.length) {
            pages = Arrays.copyOf(pages, page + 1);
        }
        Page old = pages[page];
        pages[page] = (old == null ? Page.ZERO : old).flip((int) (position % Page.BYTES), bit);
    }

    /** Reads up to what remains in the buffer; -1 at or behind the end. */
    int read(long position, ByteBuffer target) {
        if (position >= size) {
            return target.hasRemaining() ? -1 : 0;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        int done = 0;
        while (done < count) {
            long at = position + done;
            int inPage = (int) (at % Page.BYTES);
            int length = Math.min(Page.BYTES - inPage, count - done);
            page((int) (at / Page.BYTES)).get(inPage, target, length);
            done += length;
        }
        return count;
    }

    /** A copy of a range that lies within the file. */
    byte[] read(long position, int count) {
        byte[] bytes = new byte[count];
        read(position, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private Page page(int index) {
        Page page = index < pages.length ? pages[index] : null;
        return page == null ? Page.ZERO : page;
    }

    /** Of a frozen content: equal for equal lengths and bytes. */
    long hash() {
        long known = hash;
        if (known == 0) {
            known = Hash.mix(size + 1);
            int end = (int) ((size + Page.BYTES - 1) / Page.BYTES);
            for (int i = 0; i < end; i++) {
                known = Hash.mix(known + page(i).hash());
            }
            known = known == 0 ? 1 : known;
            hash = known;
        }
        return known;
    }

    private void checkMutable() {
        if (frozen) {
            throw new IllegalStateException("this content is shared between images; change a copy of it");
        }
    }
}
