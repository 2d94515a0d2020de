// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code MARK}: how far the storage is known to have been acknowledged, and whether it was closed (rule DAMAGE-2). Two
 * slots of 4 KiB, see {@link MarkSlot}, written in turn and each forced before the next. Safe for use by any thread.
 */
final class MarkFile implements Closeable {

    /*
     * Never more than was acknowledged: a sequence is given to mark() only after the save that carries it is durable, so
     * whichever write of it survives, complete, in part or not at all, the log holds at least that much.
     *
     * Never less than the last mark that was confirmed: a slot is overwritten only when the other one is known to be
     * durable, so of two slots at most the one being written is torn, and the other is the mark before it. After an opening
     * the newer slot is not known to be: it may be in the page cache only, in part or as a whole, left there by a sync that
     * failed, and no later sync would bring it to the disk (Rebello et al., ATC'20). The older one is, for it was forced
     * before the newer was begun. So the first write after an opening goes into the newer slot's own place: the same bytes
     * again, of which a torn write loses nothing that was there; or, after a clean end, which both slots tell, bytes that
     * say the contrary. If one slot can not be read, it is the one that was being written, and the other is durable.
     *
     * Clean is believed only when both slots can be read: a damaged one could be the newer, and have said the contrary.
     * A clean end is written into both, so that damage to one of them lowers nothing.
     */
    private static final int SLOTS = 2;
    private static final int BYTES = SLOTS * MarkSlot.BYTES;
    private static final long FIRST_CHANGE_GENERATION = 2; // 0 and 1 are written by the first initialisation

    private final StableFile file;
    private final List<Repair> repairs;
    private MarkSlot newest;
    private boolean otherReadable;
    private volatile boolean begun; // in this process, and durably
    private boolean closed;
    private @Nullable IOException failure;

    private MarkFile(StableFile file, List<Repair> repairs, MarkSlot newest, boolean otherReadable) {
        this.file = file;
        this.repairs = repairs;
        this.newest = newest;
        this.otherReadable = otherReadable;
    }

    /** Writes the mark of a storage that has seen no change. The directory entry is the caller's to force. */
    static void create(Path path, UUID storageId) throws IOException {
        try (StableFile file = StableFile.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MarkSlot first = new MarkSlot(MarkSlot.FORMAT, storageId, 0, 0, true);
            ByteBuffer bytes = ByteBuffer.allocate(BYTES);
            bytes.put(first.encode()).put(first.next(0, true).encode());
            file.write(bytes.flip(), 0);
            file.force();
        }
    }

    /** Whether the file proves that changes were made; false too if it is missing or says nothing that can be read. */
    static boolean provesChanges(Path path) throws IOException {
        if (!StableFile.exists(path)) {
            return false;
        }
        ByteBuffer bytes = Entries.read(path, BYTES);
        for (int place = 0; place < SLOTS && bytes.remaining() == BYTES; place++) {
            MarkSlot slot = slot(bytes, place);
            if (slot != null && (slot.format() != MarkSlot.FORMAT || slot.generation() >= FIRST_CHANGE_GENERATION)) {
                return true;
            }
        }
        return false;
    }

    static MarkFile open(Path path, UUID storageId) throws IOException {
        if (!StableFile.exists(path)) {
            throw new StorageException.Corrupted(
                    path + " is missing: what was acknowledged can not be checked. " + whatToDo());
        }
        ByteBuffer bytes = Entries.read(path, BYTES);
        if (bytes.remaining() != BYTES) {
            throw damaged(path, bytes.remaining(), "the file ends here, and not after " + BYTES + " bytes");
        }
        @Nullable MarkSlot[] slots = {slot(bytes, 0), slot(bytes, 1)};
        List<Repair> repairs = new ArrayList<>();
        MarkSlot newest = null;
        for (int place = 0; place < SLOTS; place++) {
            MarkSlot slot = slots[place];
            if (slot == null) {
                repairs.add(
                        new Repair(
                                path,
                                (long) place * MarkSlot.BYTES,
                                "this slot of the mark is torn or damaged; the other one is used, and this one is written next"));
                continue;
            }
            check(path, place, slot, storageId);
            newest = newest == null || slot.generation() > newest.generation() ? slot : newest;
        }
        if (newest == null) {
            throw damaged(path, 0, "neither slot can be read: what was acknowledged can not be checked");
        }
        MarkSlot other = slots[1 - newest.place()];
        if (other != null && other.sequence() > newest.sequence()) {
            throw damaged(
                    path,
                    (long) newest.place() * MarkSlot.BYTES,
                    "the slots contradict each other: generation "
                            + newest.generation() + " proves change " + newest.sequence() + ", the earlier generation "
                            + other.generation() + " change " + other.sequence());
        }
        StableFile file = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new MarkFile(file, repairs, newest, other != null);
    }

    private static void check(Path path, int place, MarkSlot slot, UUID storageId) throws StorageException {
        if (slot.format() != MarkSlot.FORMAT) {
            throw new StorageException.Refused(path + " has format " + slot.format()
                    + "; this version of Mooring reads format " + MarkSlot.FORMAT
                    + ". Nothing was changed. Start the version that wrote it, or a later one");
        }
        if (!slot.storageId().equals(storageId)) {
            throw damaged(
                    path,
                    (long) place * MarkSlot.BYTES + 16,
                    "the mark is that of storage " + slot.storageId() + ", but IDENTITY says " + storageId
                            + ": files of two storages were mixed");
        }
    }

    synchronized long sequence() {
        return newest.sequence();
    }

    synchronized boolean endedCleanly() {
        return newest.clean() && otherReadable;
    }

    /** Whether no change was ever begun since the first initialisation. */
    synchronized boolean isUntouched() {
        return newest.generation() < FIRST_CHANGE_GENERATION && otherReadable;
    }

    List<Repair> repairs() {
        return List.copyOf(repairs);
    }

    /** Clears the clean flag, durably. Once that is done it waits for nothing, a mark being written included. */
    void beginChanges() throws IOException {
        if (!begun) {
            begin();
        }
    }

    private synchronized void begin() throws IOException {
        if (!begun) {
            write(firstOfThisOpening());
            begun = true;
        }
    }

    private MarkSlot firstOfThisOpening() {
        if (!otherReadable) {
            return newest.next(newest.sequence(), false);
        }
        return newest.clean() ? newest.inItsPlace(false) : newest;
    }

    /** Proves that this change, and so every one before it, was acknowledged. A lower one than before says nothing new. */
    synchronized void mark(long sequence) throws IOException {
        beginChanges();
        if (sequence > newest.sequence()) {
            write(newest.next(sequence, false));
        }
    }

    /** Says that the storage was closed in this state and that nothing is in doubt. */
    synchronized void markCleanEnd(long sequence) throws IOException {
        if (sequence < newest.sequence()) {
            throw new IllegalArgumentException(file.path() + ": a clean end at change " + sequence
                    + " contradicts the mark, which proves " + newest.sequence());
        }
        if (!begun && endedCleanly() && sequence == newest.sequence()) {
            return;
        }
        beginChanges();
        write(newest.next(sequence, true));
        write(newest.next(sequence, true));
        begun = false;
    }

    /** Waits for a write under way: afterwards the directory is unlocked, and the file may be another process's. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        begun = false;
        file.close();
    }

    private void write(MarkSlot slot) throws IOException {
        if (closed) {
            throw new StorageException.Failed(file.path() + " is closed. Open the storage again");
        }
        if (failure != null) {
            throw failed(failure);
        }
        try {
            file.write(slot.encode(), (long) slot.place() * MarkSlot.BYTES);
            file.forceData();
        } catch (IOException e) {
            failure = e;
            throw failed(e);
        }
        otherReadable |= slot.place() != newest.place();
        newest = slot;
    }

    private StorageException.Failed failed(IOException cause) {
        return new StorageException.Failed(
                file.path() + " could not be written: " + cause.getMessage()
                        + ". What was acknowledged is safe. Mend the disk, then open the storage again",
                cause);
    }

    private static @Nullable MarkSlot slot(ByteBuffer bytes, int place) {
        return MarkSlot.decode(bytes.slice(place * MarkSlot.BYTES, MarkSlot.BYTES), place);
    }

    private static StorageException.Corrupted damaged(Path path, long offset, String what) {
        return StorageException.Corrupted.at(path, offset, what + ". " + whatToDo());
    }

    private static String whatToDo() {
        return "Do not start this server on it: it could vote twice, or miss entries that it acknowledged. "
                + Damage.REMEDY;
    }
}
