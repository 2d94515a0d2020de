// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import com.sun.management.ThreadMXBean;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.disk.DiskImage;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Damages one place of a disk, mostly at rest, and opens what is on it. Allowed are an error, and the state as it was. After an
 * unclean end the mark proves the first half of the script only, and what a small damage hits at the very end, where no
 * later change proves it, may be dropped if that is reported; a larger one may take several such changes, and all that
 * says so.
 */
public final class DamageRuns {

    private static final int STEPS = 30;
    private static final String MARK = CoreSubject.DIRECTORY + "/MARK";
    private static final long PATIENCE_MILLIS = 30_000;

    // the script fits into a hundredth of it
    private static final long MOST_ALLOCATED_BYTES = 256L << 20;

    private final CoreSubject subject;
    private final Consumer<? super Exception> heard;
    private final DiskModel model = DiskModel.JOURNALLED;
    private final Workload workload;
    private final SplittableRandom random;
    private final DiskImage clean;
    private final DiskImage killed;
    private final DiskImage old; // from the first half of the run
    private long runs;
    private final AtomicLong detected = new AtomicLong();
    private final AtomicLong harmless = new AtomicLong();
    private final AtomicLong excused = new AtomicLong();

    /**
     * Runs the script of this seed, to its end.
     *
     * @param heard is given every error that the storage throws, by several threads
     */
    public DamageRuns(CoreSubject subject, long seed, Consumer<? super Exception> heard) throws IOException {
        this.subject = subject;
        this.heard = heard;
        this.workload = new Workload(seed, STEPS, subject);
        this.random = new SplittableRandom(seed);
        SimulatedDisk disk = SimulatedDisk.create(seed, model);
        DiskImage early;
        int half = workload.length() / 2;
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1, half / 2);
            early = disk.image();
            workload.run(disk, session, half / 2 + 1, half);
            session.reopen(); // a clean close marks what there is: an image that ends before it is a loss
            int change = half + 1;
            while (change < workload.length() && !workload.isDurableChange(change)) {
                change++;
            }
            workload.run(disk, session, half + 1, change);
            DiskImage marked = disk.image();
            workload.run(disk, session, change + 1, workload.length());
            // the mark may be a second behind: as it was after the first change, whatever time the script took
            killed = disk.image().restore(MARK, marked);
        }
        this.old = early;
        this.clean = disk.image();
    }

    /** Damaged images opened so far. */
    public long runs() {
        return runs;
    }

    @Override
    public String toString() {
        return runs + " damaged images, " + detected + " times an error, " + harmless + " times the state as it was, "
                + excused + " times without changes that nothing proved";
    }

    /** How much the damage may take along that nothing proves. */
    private enum Size {
        /** Nothing, for everything is proven. */
        NONE,
        /** The last change, or two that it lies across. */
        SMALL,
        /** Any number of them. */
        LARGE
    }

    /** What is done to one file. */
    @FunctionalInterface
    private interface Damage {
        DiskImage of(DiskImage image, String path, long size) throws NoSuchFileException;
    }

    /** Bit rot: so many bits of each file, at its beginning, its end and anywhere. */
    public void flippedBits(int perFile) throws Exception {
        everyFile("a flipped bit", Size.SMALL, perFile, (image, path, size) -> {
            long place = place(size);
            return place < 0 ? image : image.flipBit(path, place, random.nextInt(8));
        });
    }

    /** Blocks that were never written, or lost. */
    public void zeroedBlocks(int perFile) throws Exception {
        everyFile("a zeroed block", Size.LARGE, perFile, (image, path, size) -> {
            int length = random.nextBoolean() ? 512 : 4096;
            return size == 0 ? image : image.zero(path, random.nextLong(size) / length * length, length);
        });
    }

    /** Blocks that went to the wrong place, of the same file or of another. */
    public void misdirectedBlocks(int perFile) throws Exception {
        everyFile("a misdirected block", Size.LARGE, perFile, (image, path, size) -> {
            List<String> files = new ArrayList<>(image.files().keySet());
            String source = random.nextBoolean() ? path : files.get(random.nextInt(files.size()));
            long sourceSize = image.files().getOrDefault(source, 0L);
            int length = random.nextBoolean() ? 512 : 4096;
            if (size == 0 || sourceSize == 0) {
                return image;
            }
            return image.misdirect(
                    source,
                    random.nextLong(sourceSize) / length * length,
                    path,
                    random.nextLong(size) / length * length,
                    length);
        });
    }

    /** Blocks whose last write went astray: they are as they were in the middle of the run. */
    public void staleBlocks(int perFile) throws Exception {
        everyFile("a block as it was before its last write", Size.LARGE, perFile, (image, path, size) -> {
            int length = random.nextBoolean() ? 512 : 4096;
            return size == 0 || !old.files().containsKey(path)
                    ? image
                    : image.restore(path, random.nextLong(size) / length * length, length, old);
        });
    }

    /** Files that end early, or go on with rubbish. */
    public void otherLengths(int perFile) throws Exception {
        everyFile("another length", Size.LARGE, perFile, (image, path, size) -> {
            if (random.nextInt(4) == 0) {
                byte[] rubbish = new byte[1 + random.nextInt(5000)];
                fill(rubbish);
                return image.overwrite(path, size, rubbish);
            }
            return image.resize(path, size == 0 || random.nextInt(5) == 0 ? 0 : random.nextLong(size));
        });
    }

    /** Rubbish over lengths, counts and names. */
    public void hostileBytes(int perFile) throws Exception {
        everyFile("hostile bytes", Size.SMALL, perFile, (image, path, size) -> {
            byte[] bytes = new byte[1 + random.nextInt(12)];
            if (random.nextBoolean()) {
                fill(bytes);
            } else {
                Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0xFF : 0x7F));
            }
            long place = place(size);
            return place < 0 ? image : image.overwrite(path, place, bytes);
        });
    }

    /** A number near 2^31, of either byte order, at every place near the beginning of each file: some of them are lengths. */
    public void hugeLengths(int bytes) throws Exception {
        for (int at = 0; at < bytes; at++) {
            int place = at;
            everyFile("a huge number at " + place, Size.SMALL, 1, (image, path, size) -> {
                int huge = Integer.MAX_VALUE - random.nextInt(1 << 20);
                byte[] number = ByteBuffer.allocate(4)
                        .order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                        .putInt(huge)
                        .array();
                return place + number.length > size ? image : image.overwrite(path, place, number);
            });
        }
    }

    /**
     * The last change, which nothing later proves, is damaged: so many bits of it are flipped, and so many times a
     * first part of it only has reached the disk. If it is missing then, that is reported.
     */
    public void tornLastChange(int places) throws Exception {
        SimulatedDisk disk = SimulatedDisk.create(workload.seed(), model);
        int last = workload.length();
        while (last > 1 && !workload.isDurableChange(last)) {
            last--;
        }
        DiskImage before;
        DiskImage after;
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1, last - 1);
            before = disk.image();
            workload.run(disk, session, last, last);
            after = disk.image().restore(MARK, before);
        }
        List<SideBySide.Task> checks = new ArrayList<>();
        for (String path : after.files().keySet()) {
            byte[] old = before.files().containsKey(path) ? before.read(path) : new byte[0];
            byte[] written = after.read(path);
            List<Integer> changed = new ArrayList<>();
            for (int i = 0; i < written.length && path.contains("/data/"); i++) {
                if (i >= old.length || old[i] != written[i]) {
                    changed.add(i);
                }
            }
            for (int i = 0; i < places && changed.size() > 1; i++) {
                int place = changed.get(random.nextInt(changed.size()));
                DiskImage flipped = after.flipBit(path, place, random.nextInt(8));
                checks.add(check("a flipped bit of the last change", path, flipped, Size.SMALL));
                int cut = changed.get(1 + random.nextInt(changed.size() - 1));
                DiskImage torn = after.resize(path, Math.max(cut, old.length));
                if (cut < old.length) {
                    torn = torn.overwrite(path, cut, Arrays.copyOfRange(old, cut, old.length));
                }
                checks.add(check("the last change is torn", path, torn, Size.SMALL));
            }
        }
        SideBySide.run(checks);
    }

    /** Each file is missing, and each directory. */
    public void missingFiles() throws Exception {
        everyFile("it is missing", Size.LARGE, 1, (image, path, size) -> image.remove(path));
        for (String directory : directories(clean)) {
            check("a missing directory", directory, clean.remove(directory), Size.NONE)
                    .run();
            check("a missing directory", directory, killed.remove(directory), Size.LARGE)
                    .run();
        }
    }

    /** Each file is as it was in the middle of the run. */
    public void oldFiles() throws Exception {
        everyFile(
                "it is an old version of it",
                Size.LARGE,
                1,
                (image, path, size) -> old.files().containsKey(path) ? image.restore(path, old) : image);
    }

    /** Bytes that change under a storage that is open: they are read then, and by the next opening. */
    public void whileOpen(int perFile) throws Exception {
        List<SideBySide.Task> checks = new ArrayList<>();
        for (int i = 0; i < perFile * clean.files().size(); i++) {
            long run = ++runs;
            SplittableRandom own = random.split();
            checks.add(() -> check("changed while it is open", CoreSubject.DIRECTORY, run, () -> wrongWhileOpen(own)));
        }
        SideBySide.run(checks);
    }

    private @Nullable String wrongWhileOpen(SplittableRandom random) {
        SimulatedDisk disk = SimulatedDisk.mount(clean, workload.seed(), model);
        String changed = "";
        try (Subject.Session session = subject.open(disk.root())) {
            changed = damaged(disk, random) + ": ";
            String wrong = read(session::picture);
            if (wrong != null) {
                return changed + wrong;
            }
        } catch (IOException e) {
            heard.accept(e); // of the opening: nothing was read; or of the close: the next one tells
        } catch (RuntimeException | Error e) {
            return changed + threw(e);
        }
        String wrong = read(() -> {
            try (Subject.Session session = subject.open(disk.root())) {
                return session.picture();
            }
        });
        return wrong == null ? null : changed + "at the next opening: " + wrong;
    }

    /** Other bytes somewhere in a file that is there; which. */
    private static String damaged(SimulatedDisk disk, SplittableRandom random) throws NoSuchFileException {
        Map<String, Long> files = disk.image().files();
        List<String> paths = new ArrayList<>(files.keySet());
        String path = paths.get(random.nextInt(paths.size()));
        byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 8 : 1000)];
        if (random.nextBoolean()) {
            fill(bytes, random);
        } else {
            Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0x7F : 0));
        }
        long place = Math.max(0, place(files.getOrDefault(path, 0L), random));
        disk.damage(path, place, bytes);
        return path + " from " + place + " on";
    }

    /** Everything that there is. */
    private interface Look {
        Picture picture() throws IOException;
    }

    /** What is wrong with what is read; null if that is everything, or an error. */
    private @Nullable String read(Look look) {
        Picture picture;
        try {
            picture = look.picture();
        } catch (StorageException e) {
            detected.incrementAndGet();
            heard.accept(e);
            return null;
        } catch (IOException | RuntimeException | Error e) {
            return threw(e);
        }
        if (!workload.matches(picture).after().get(workload.length())) {
            return "it gives " + Workload.outline(picture) + " or other entries, instead of "
                    + workload.outline(workload.length());
        }
        harmless.incrementAndGet();
        return null;
    }

    private static String threw(Throwable e) {
        return "it threw " + e + " instead of a StorageException";
    }

    private void fill(byte[] bytes) {
        fill(bytes, random);
    }

    private static void fill(byte[] bytes, SplittableRandom random) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt();
        }
    }

    /** A position in a file, more often near its beginning, where headers are; -1 in an empty one. */
    private long place(long size) {
        return place(size, random);
    }

    private static long place(long size, SplittableRandom random) {
        if (size == 0) {
            return -1;
        }
        return random.nextLong(random.nextInt(3) == 0 ? Math.min(size, 200) : size);
    }

    private static List<String> directories(DiskImage image) {
        List<String> directories = new ArrayList<>();
        for (String path : image.files().keySet()) {
            String directory = path.substring(0, path.lastIndexOf('/'));
            // without the whole storage it is a new one, which mooring.create=never is for
            if (directory.length() > CoreSubject.DIRECTORY.length() + 1 && !directories.contains(directory)) {
                directories.add(directory);
            }
        }
        return directories;
    }

    private void everyFile(String what, Size size, int perFile, Damage damage) throws Exception {
        List<SideBySide.Task> checks = new ArrayList<>();
        for (String path : clean.files().keySet()) {
            for (int i = 0; i < perFile; i++) {
                DiskImage damaged = damage.of(clean, path, clean.files().getOrDefault(path, 0L));
                checks.add(check(what, path, damaged, Size.NONE));
            }
        }
        for (String path : killed.files().keySet()) {
            for (int i = 0; i < perFile; i++) {
                DiskImage damaged = damage.of(killed, path, killed.files().getOrDefault(path, 0L));
                checks.add(check(what, path, damaged, size));
            }
        }
        SideBySide.run(checks);
    }

    private SideBySide.Task check(String what, String path, DiskImage damaged, Size mayLose) {
        long run = ++runs;
        String end = mayLose != Size.NONE ? ", after an unclean end" : ", after a clean end";
        return () -> check(what + end, path, run, () -> wrongState(damaged, mayLose, run));
    }

    /** Looks on a thread of its own, for it may hang. */
    private void check(String what, String path, long run, Supplier<@Nullable String> look)
            throws InterruptedException {
        AtomicReference<@Nullable String> found = new AtomicReference<>();
        Thread thread = new Thread(() -> found.set(wrong(look)), "mooring-tck-damage");
        thread.setDaemon(true);
        thread.start();
        thread.join(PATIENCE_MILLIS);
        String wrong = thread.isAlive() ? "it does not come to an end" : found.get();
        if (wrong != null) {
            throw new AssertionError(
                    path + ", " + what + " (script of seed " + workload.seed() + ", damage " + run + "): " + wrong);
        }
    }

    /** What is wrong with what is seen; null if nothing is. */
    private static @Nullable String wrong(Supplier<@Nullable String> look) {
        long before = allocatedBytes();
        String wrong = look.get();
        long allocated = allocatedBytes() - before;
        if (wrong == null && allocated > MOST_ALLOCATED_BYTES) {
            return "it allocated " + allocated + " bytes, so a length was believed that the file can not hold";
        }
        return wrong;
    }

    /** Memory that this thread has allocated so far; 0 where the JVM does not tell. */
    private static long allocatedBytes() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                ? threads.getCurrentThreadAllocatedBytes()
                : 0;
    }

    private @Nullable String wrongState(DiskImage damaged, Size mayLose, long run) {
        SimulatedDisk disk = SimulatedDisk.mount(damaged, workload.seed(), model);
        Picture picture;
        int repairs;
        try (Subject.Session session = subject.open(disk.root())) {
            picture = session.picture();
            repairs = session.repairs();
        } catch (StorageException e) {
            detected.incrementAndGet();
            heard.accept(e);
            return disk.openFiles().isEmpty() ? null : "after " + e + " these are open still: " + disk.openFiles();
        } catch (IOException | RuntimeException | Error e) {
            return threw(e);
        }
        Matches matches = workload.matches(picture);
        if (matches.after().get(workload.length())) {
            harmless.incrementAndGet();
            return run % 4 == 0 ? goingOn(damaged) : null;
        }
        if (!matches.isEmpty() && isExcused(matches.latest(), mayLose, repairs)) {
            excused.incrementAndGet();
            return null;
        }
        return (matches.isEmpty() ? "a state that never was: " : "the state after call " + matches.latest() + ": ")
                + Workload.outline(picture) + " instead of " + workload.outline(workload.length()) + ", "
                + repairs + " repairs reported";
    }

    /** Whether what is missing after this many calls had nothing to prove it. */
    private boolean isExcused(int count, Size mayLose, int repairs) {
        return switch (mayLose) {
            case NONE -> false;
            // it may lie across two changes
            case SMALL -> repairs > 0 && changesAfter(count) <= 2;
            case LARGE -> count >= workload.length() / 2;
        };
    }

    private int changesAfter(int count) {
        int changes = 0;
        for (int number = count + 1; number <= workload.length(); number++) {
            changes += workload.isDurableChange(number) ? 1 : 0;
        }
        return changes;
    }

    /** Damage that did no harm must not do any later either. */
    private @Nullable String goingOn(DiskImage damaged) {
        SimulatedDisk disk = SimulatedDisk.mount(damaged, workload.seed(), model);
        try {
            RecoveryCheck.once(subject, workload).recover(disk).judge(workload.length(), workload.length());
            return null;
        } catch (Exception | AssertionError e) {
            return "it opened unharmed, and then " + e.getMessage();
        }
    }
}
