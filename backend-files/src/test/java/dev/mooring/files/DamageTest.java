// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.DiskImage;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A small storage of several segments at rest, damaged in every way and place (DAMAGE-1 to DAMAGE-3): what is opened is
 * right, or the damage is named, or the last save that nothing proves is dropped and reported.
 */
class DamageTest {

    private static final Subject.Setting SETTING = Subject.Setting.SMALL;

    private static final List<DiskImage> IMAGES = new ArrayList<>(); // after every change, of a process that runs
    private static final Map<Long, Picture> PICTURES = new TreeMap<>(); // by sequence
    private static DiskImage closed;
    private static long last;
    private static long lastManifest; // generation before the storage was closed

    @BeforeAll
    static void fill() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        try (Subject subject = Subject.open(data, SETTING)) {
            for (int i = 0; i < 60; i++) {
                List<Update> updates = new ArrayList<>(List.of(subject.entries("g", 1 + i % 3, 150 + 7 * i)));
                if (i % 4 == 0) {
                    updates.add(subject.entries("other", 1, 90));
                }
                subject.saveEntries(subject.next(), updates);
                subject.keep("g", 30);
                subject.keep("other", 9);
                IMAGES.add(disk.image());
                PICTURES.put(subject.model.sequence(), subject.model.picture());
            }
            last = subject.model.sequence();
            lastManifest = subject.backend.log().generation;
        }
        closed = disk.image();
        assertThat(closed.files()).as("several segments").hasSizeGreaterThan(4);
    }

    private enum Outcome {
        RIGHT,
        REFUSED,
        LAST_SAVE_DROPPED
    }

    /** Opens a damaged image and judges what happens; anything but an outcome fails. */
    private static Outcome open(DiskImage image, Subject.Setting setting, String how) throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(image, 2, DiskModel.STRICT);
        try (Subject subject = Subject.open(disk.root().resolve("data"), setting)) {
            Picture found = verified(subject);
            long sequence = found.sequence();
            assertThat(sequence).as(how).isGreaterThanOrEqualTo(setting.provenSequence());
            Picture expected = PICTURES.get(sequence);
            assertThat(expected).as(how).isNotNull();
            for (String group : expected.groups().keySet()) {
                checkGroup(expected.group(group), found.group(group), how);
            }
            if (sequence == last) {
                return Outcome.RIGHT;
            }
            assertThat(sequence).as(how).isEqualTo(last - 1);
            assertThat(subject.repairs).as(how).isNotEmpty();
            return Outcome.LAST_SAVE_DROPPED;
        } catch (StorageException.Corrupted | StorageException.Refused e) {
            assertThat(e.getMessage()).as(how).contains("/data").contains("backup");
            return Outcome.REFUSED;
        }
    }

    /** As the core reads: every entry is checked against its checksum. */
    private static Picture verified(Subject subject) throws IOException {
        Picture picture = subject.picture();
        for (Map.Entry<String, Picture.Group> group : picture.groups().entrySet()) {
            for (Entry entry : group.getValue().entries()) {
                if (Entry.checksum(group.getKey(), entry.index(), entry.term(), entry.payload()) != entry.checksum()) {
                    throw new StorageException.Corrupted("found while reading /data, restore a backup");
                }
            }
        }
        return picture;
    }

    /** A release may have come undone. */
    private static void checkGroup(Picture.Group expected, Picture.Group found, String how) {
        GroupState want = expected.state();
        GroupState have = found.state();
        assertThat(have.lastIndex()).as(how).isEqualTo(want.lastIndex());
        assertThat(have.firstIndex()).as(how).isLessThanOrEqualTo(want.firstIndex());
        assertThat(have.hardState()).as(how).isEqualTo(want.hardState());
        int more = (int) (want.firstIndex() - have.firstIndex());
        assertThat(found.entries().subList(more, found.entries().size()))
                .as(how)
                .isEqualTo(expected.entries());
    }

    /** The files that matter; there may be one more, spare and not listed. */
    private static List<String> files() throws IOException {
        List<String> files = new ArrayList<>(List.of("/data/MANIFEST"));
        Path data = SimulatedDisk.mount(closed, 2, DiskModel.STRICT).root().resolve("data");
        for (Manifest.Listed listed : Manifest.load(data, Subject.ID).files()) {
            files.add("/data/segment-" + String.format("%010d", listed.number()));
        }
        return files;
    }

    @Test
    void everyByteIsFlippedAfterACleanEnd() throws IOException {
        int refused = 0;
        Random random = new Random(1);
        for (String file : files()) {
            for (long at = 0; at < closed.files().get(file); at += 1 + random.nextInt(12)) {
                int bit = random.nextInt(8);
                Outcome outcome = open(
                        closed.flipBit(file, at, bit),
                        SETTING.closed(last),
                        "bit " + bit + " of " + at + " of " + file);
                assertThat(outcome).isNotEqualTo(Outcome.LAST_SAVE_DROPPED);
                refused += outcome == Outcome.REFUSED ? 1 : 0;
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    @Test
    void everyByteIsFlippedAfterACrash() throws IOException {
        DiskImage crashed = IMAGES.get(IMAGES.size() - 1);
        Random random = new Random(2);
        int dropped = 0;
        for (String file : files()) {
            for (long at = random.nextInt(5);
                    at < crashed.files().getOrDefault(file, 0L);
                    at += 1 + random.nextInt(30)) {
                int bit = random.nextInt(8);
                DiskImage image = crashed.flipBit(file, at, bit);
                String how = "bit " + bit + " of " + at + " of " + file;
                Outcome outcome = open(image, SETTING.crashed(last - 1), how);
                dropped += outcome == Outcome.LAST_SAVE_DROPPED ? 1 : 0;
                // however old the mark: later frames prove the earlier ones
                assertThat(open(image, SETTING.crashed(0), how)).isEqualTo(outcome);
            }
        }
        assertThat(dropped).as("rot in the last save").isPositive();
    }

    @Test
    void everySectorIsLostAndEverySectorIsMisdirected() throws IOException {
        Random random = new Random(3);
        List<String> files = files();
        for (String file : files) {
            long size = closed.files().get(file);
            for (long at = 0; at < size; at += 512) {
                String how = "sector " + at + " of " + file;
                open(closed.zero(file, at, 512), SETTING.closed(last), how);
                open(closed.zero(file, at, 512), SETTING.crashed(last), how);
                open(closed.zero(file, at, 4096), SETTING.closed(last), how);
                String from = files.get(random.nextInt(files.size()));
                long source = 512L * random.nextInt((int) (closed.files().get(from) / 512 + 1));
                open(closed.misdirect(from, source, file, at, 512), SETTING.closed(last), how);
                open(closed.misdirect(from, source, file, at, 512), SETTING.crashed(last), how);
            }
        }
    }

    @Test
    void filesAreCutOff() throws IOException {
        for (String file : files()) {
            for (long size = closed.files().get(file) - 1; size >= 0; size = Math.min(size - 1, size * 9 / 10)) {
                assertThat(open(closed.resize(file, size), SETTING.closed(last), file + " cut to " + size))
                        .isEqualTo(Outcome.REFUSED);
            }
            assertThat(open(closed.resize(file, 0), SETTING.crashed(0), file + " cut to nothing"))
                    .isEqualTo(Outcome.REFUSED);
        }
    }

    /** DAMAGE-3: a missing file is an error and no empty log, whatever the mark says. */
    @Test
    void filesAreMissing() throws IOException {
        for (String file : files()) {
            for (Subject.Setting setting : List.of(SETTING.closed(last), SETTING.crashed(last), SETTING.crashed(0))) {
                assertThat(open(closed.remove(file), setting, file + " is missing"))
                        .isEqualTo(Outcome.REFUSED);
            }
        }
        DiskImage none = closed;
        for (String file : files()) {
            none = none.remove(file);
        }
        assertThat(open(none, SETTING.crashed(1), "all files are missing")).isEqualTo(Outcome.REFUSED);
    }

    /** DAMAGE-3: each file is replaced by what it was at each earlier time. */
    @Test
    void oldFilesArePutBack() throws IOException {
        for (DiskImage old : IMAGES) {
            for (String file : old.files().keySet()) {
                String how = "an old " + file;
                open(closed.restore(file, old), SETTING.closed(last), how);
                open(closed.restore(file, old), SETTING.crashed(last), how);
            }
            DiskImage image = closed.restore("/data/MANIFEST", old);
            Manifest manifest = Manifest.load(
                    SimulatedDisk.mount(image, 2, DiskModel.STRICT).root().resolve("data"), Subject.ID);
            if (manifest.generation() < lastManifest) {
                assertThat(open(image, SETTING.crashed(0), "an old manifest")).isEqualTo(Outcome.REFUSED);
            }
        }
    }

    /** DAMAGE-1: a frame in the place of another one of its segment, of the same length, does not follow what is before. */
    @Test
    void aFrameInThePlaceOfAnotherIsDamage() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(5, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        List<Long> ends = new ArrayList<>();
        String file;
        try (Subject subject = Subject.open(data, SETTING.segments(64 << 10))) {
            for (int i = 0; i < 6; i++) {
                HardState voted = new HardState(5 + i, "n1", -1);
                subject.saveEntries(subject.next(), List.of(new Update("g" + i, null, List.of(), voted, null)));
                ends.add(subject.activeSegment().end);
            }
            file = "/data/" + subject.activeSegment().path.getFileName();
        }
        long length = ends.get(1) - ends.get(0);
        DiskImage image = disk.image().misdirect(file, ends.get(1), file, ends.get(3), (int) length);
        SimulatedDisk damaged = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(damaged.root().resolve("data"), SETTING.crashed(0)))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(file + " at offset " + ends.get(3));
    }

    @Test
    void twoFilesAreSwapped() throws IOException {
        for (String one : files()) {
            for (String other : files()) {
                if (!one.equals(other)) {
                    DiskImage swapped = closed.put(one, closed.read(other)).put(other, closed.read(one));
                    assertThat(open(swapped, SETTING.closed(last), one + " for " + other))
                            .isEqualTo(Outcome.REFUSED);
                }
            }
        }
    }

    /** Copies that an operator left lying about harm nothing. */
    @Test
    void filesAreThereTwice() throws IOException {
        for (String file : files()) {
            DiskImage twice =
                    closed.put("/data/segment-9999999999", closed.read(file)).put(file + ".bak", closed.read(file));
            assertThat(open(twice, SETTING.closed(last), file + " twice")).isEqualTo(Outcome.RIGHT);
        }
    }

    /** DAMAGE-2: the last save is cut at every byte. Before it, nothing is lost; if it is proven, it is not dropped. */
    @Test
    void theLastSaveIsTornAtEveryByte() throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(closed, 2, DiskModel.STRICT);
        Path data = disk.root().resolve("data");
        String file;
        long start;
        long end;
        long torn;
        Picture before;
        Picture after;
        try (Subject subject = Subject.open(data, SETTING.closed(last))) {
            long index = 1;
            do { // until there is room in front of the middle of a segment, where a manifest would prove it
                subject.backend.saveEntries(
                        last + index,
                        List.of(new Update("torn", null, Payloads.run("torn", index, 1, 1, 300, 1), null, null)));
                index++;
            } while (subject.activeSegment().end > 2_500);
            torn = last + index;
            before = pictureOf(disk.image(), torn - 1);
            Segment active = subject.activeSegment();
            start = active.end;
            file = "/data/" + active.path.getFileName();
            subject.backend.saveEntries(
                    torn, List.of(new Update("torn", null, Payloads.run("torn", index, 3, 1, 300, 1), null, null)));
            assertThat(subject.activeSegment()).isSameAs(active);
            end = active.end;
            after = pictureOf(disk.image(), torn);
        }
        byte[] whole = disk.image().read(file);
        for (long cut = start; cut < end; cut++) {
            DiskImage image = disk.image().zero(file, cut, (int) (end - cut));
            boolean isWhole = Arrays.equals(image.read(file), whole);
            SimulatedDisk proven = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
            if (!isWhole) {
                assertThatThrownBy(() -> Subject.open(proven.root().resolve("data"), SETTING.crashed(torn)))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining("was acknowledged");
            }
            if (!isWhole && cut > start) {
                SimulatedDisk clean = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
                assertThatThrownBy(() -> Subject.open(clean.root().resolve("data"), SETTING.closed(torn - 1)))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining("closed cleanly");
            }
            SimulatedDisk unproven = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
            try (Subject subject = Subject.open(unproven.root().resolve("data"), SETTING.crashed(torn - 1))) {
                Picture expected = isWhole ? after : before;
                assertThat(expected.differenceTo(subject.picture())).isNull();
                if (!isWhole && cut > start) {
                    assertThat(subject.repairs).hasSize(1);
                    assertThat(subject.repairs.get(0).file().toString()).isEqualTo(file);
                    assertThat(subject.repairs.get(0).offset()).isEqualTo(start);
                }
            }
        }
    }

    /** DAMAGE-2: a later frame, or just its header, proves the earlier ones, with no mark and no manifest behind them. */
    @Test
    void laterFramesProveEarlierOnes() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(5, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        List<Long> ends = new ArrayList<>();
        String file;
        try (Subject subject = Subject.open(data, SETTING.segments(64 << 10))) {
            for (int i = 0; i < 10; i++) {
                subject.append("g", 1, 700);
                ends.add(subject.activeSegment().end);
            }
            file = "/data/" + subject.activeSegment().path.getFileName();
            assertThat(Manifest.load(data, Subject.ID).provenEnd()).isZero();
        }
        for (int frame = 1; frame < 9; frame++) {
            DiskImage rotten = disk.image().flipBit(file, ends.get(frame - 1) + 20 * frame, 1);
            DiskImage torn = rotten.zero(file, ends.get(8) + Frame.HEADER_BYTES, 5000);
            long offset = ends.get(frame - 1);
            for (DiskImage image : List.of(rotten, torn)) {
                SimulatedDisk damaged = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
                assertThatThrownBy(() -> Subject.open(damaged.root().resolve("data"), SETTING.crashed(0)))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining(file + " at offset " + offset)
                        .hasMessageContaining("entries from " + (ends.indexOf(offset) + 2) + " on");
            }
        }
    }

    /** DAMAGE-2: so does the manifest, which is newer than the last frame after a close that made a release durable. */
    @Test
    void theManifestProvesTheLastFrame() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(5, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        Segment active;
        try (Subject subject = Subject.open(data, SETTING)) {
            subject.append("g", 3, 100);
            subject.append("g", 3, 100);
            active = subject.activeSegment();
            subject.keep("g", 2);
        }
        String file = "/data/" + active.path.getFileName();
        SimulatedDisk damaged = SimulatedDisk.mount(disk.image().flipBit(file, active.end - 9, 0), 3, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(damaged.root().resolve("data"), SETTING.crashed(0)))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("the manifest proves the log up to offset " + active.end);
    }

    private static Picture pictureOf(DiskImage image, long sequence) throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(image, 3, DiskModel.STRICT);
        try (Subject subject = Subject.open(disk.root().resolve("data"), SETTING.crashed(sequence))) {
            return subject.picture();
        }
    }

    @Test
    void anotherStoragesFileIsRefused() throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(closed, 2, DiskModel.STRICT);
        Path manifest = disk.root().resolve("data/MANIFEST");
        Manifest stored = Manifest.load(disk.root().resolve("data"), Subject.ID);
        assertThat(stored).isNotNull();
        new Manifest(
                        new java.util.UUID(1, 2),
                        stored.generation(),
                        stored.nextNumber(),
                        stored.oldestOrdinal(),
                        stored.provenOrdinal(),
                        stored.provenEnd(),
                        stored.provenSequence(),
                        stored.files(),
                        stored.releases())
                .store(disk.root().resolve("data"));
        assertThatThrownBy(() -> Subject.open(disk.root().resolve("data"), SETTING.closed(last)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining(manifest.toString());
    }

    /** DAMAGE-5: a later format is refused by its number. */
    @Test
    void aNewerFormatIsRefusedByNumber() throws IOException {
        ByteBuffer newer = ByteBuffer.wrap(closed.read("/data/MANIFEST")).putInt(8, 7);
        CRC32C crc = new CRC32C();
        crc.update(newer.duplicate().limit(newer.capacity() - 4));
        newer.putInt(newer.capacity() - 4, (int) crc.getValue());
        SimulatedDisk disk = SimulatedDisk.mount(closed.put("/data/MANIFEST", newer.array()), 2, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(disk.root().resolve("data"), SETTING.closed(last)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("version 7");
    }

    /** The message says where, and which entries. */
    @Test
    void damageIsNamedWithFileOffsetAndIndexes() throws IOException {
        String file = files().stream()
                .filter(each -> each.contains("segment"))
                .findFirst()
                .orElseThrow();
        SimulatedDisk disk = SimulatedDisk.mount(closed.flipBit(file, 4000, 3), 2, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(disk.root().resolve("data"), SETTING.closed(last)))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(file + " at offset ")
                .hasMessageContaining("group 'g' entr")
                .hasMessageContaining("again as a new member");
    }

    /** Also where the log can not be read as a whole: each damaged file is met before or while that is found out. */
    @Test
    void damageOfAWholeFileIsNamedWithTheEntriesInDoubt() throws IOException {
        List<String> segments =
                files().stream().filter(each -> each.contains("segment")).toList();
        for (String file : files()) {
            long size = closed.files().get(file);
            List<DiskImage> images =
                    new ArrayList<>(List.of(closed.flipBit(file, 40, 3), closed.resize(file, size - 1)));
            if (file.contains("segment")) {
                images.add(closed.remove(file));
            }
            for (DiskImage image : images) {
                SimulatedDisk disk = SimulatedDisk.mount(image, 2, DiskModel.STRICT);
                try (Subject opened = Subject.open(disk.root().resolve("data"), SETTING.closed(last))) {
                    verified(opened); // a prepared file holds nothing
                } catch (StorageException.Corrupted e) {
                    assertThat(e)
                            .hasMessageContaining(file + " at offset ")
                            .hasMessageMatching(
                                    "(?s).* in doubt, as far as segment \\d+ of the log can be read: .*group 'g' entries \\d+.*");
                }
            }
        }
        DiskImage bare = closed;
        for (String file : closed.files().keySet()) {
            bare = file.equals(segments.get(0)) ? bare : bare.remove(file);
        }
        // nothing is left that could tell
        DiskImage rotten = bare.flipBit(segments.get(0), SegmentHeader.BYTES + 4, 1);
        SimulatedDisk disk = SimulatedDisk.mount(rotten, 2, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(disk.root().resolve("data"), SETTING.closed(last)))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(segments.get(0) + " at offset 0")
                .hasMessageContaining("which groups and entries can not be told");
    }

    /** Damage that is there while the storage is open is found by whoever reads. */
    @Test
    void damageUnderAnOpenStorageIsFound() throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(closed, 2, DiskModel.STRICT);
        try (Subject subject = Subject.open(disk.root().resolve("data"), SETTING.closed(last))) {
            for (String file : files()) {
                if (file.contains("segment")) {
                    try (StableFile opened = StableFile.open(
                            disk.root().resolve(file.substring(1)), java.nio.file.StandardOpenOption.WRITE)) {
                        opened.write(ByteBuffer.allocate(7500), 200);
                    }
                }
            }
            assertThatThrownBy(() -> verified(subject)).isInstanceOf(StorageException.Corrupted.class);
        }
    }

    /** A segment is begun when all before it is durable: its header proves that, also where the rest of it is torn. */
    @Test
    void theHeaderOfATornSegmentProvesWhatStandsBeforeIt() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(7, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        try (Subject subject = Subject.open(data, SETTING)) {
            subject.append("g", 1, 400);
            Path first = subject.activeSegment().path;
            while (subject.activeSegment().path.equals(first)) {
                long acknowledged = subject.model.sequence();
                long end = subject.activeSegment().end;
                int before = disk.recording().length();
                subject.append("g", 1, 400);
                if (!subject.activeSegment().path.equals(first)) {
                    damageBeforeATornSegment(disk, before, first, end - 20, subject.activeSegment().path, acknowledged);
                }
            }
        }
    }

    /** DAMAGE-3: so does the header that an opening wrote before it died, also of a segment that looks unused now. */
    @Test
    void theHeaderOfATornSegmentProvesThatTheOneBeforeItWasThere() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(9, DiskModel.STRICT);
        Path data = Files.createDirectory(disk.root().resolve("data"));
        Subject subject = Subject.open(data, SETTING);
        subject.append("g", 1, 100);
        subject.append("g", 1, 100);
        String first = subject.activeSegment().path.toString();
        disk.kill();
        Subject again = Subject.reopen(subject, SETTING.crashed(0));
        Path second = again.activeSegment().path;
        DiskImage image = null; // the last one of which the second segment is not whole
        for (int event = 0; event <= disk.recording().length(); event++) {
            DiskImage killed = CrashExplorer.of(disk.recording()).kill(event).image();
            if (killed.files().containsKey(second.toString())) {
                byte[] bytes = killed.read(second.toString());
                if (bytes.length >= SegmentHeader.BYTES && SegmentHeader.decode(ByteBuffer.wrap(bytes)) != null) {
                    image = killed;
                    break;
                }
            }
        }
        assertThat(image).isNotNull();
        int length = image.read(second.toString()).length;
        DiskImage torn = image.zero(second.toString(), SegmentHeader.BYTES, length - SegmentHeader.BYTES);
        SimulatedDisk whole = SimulatedDisk.mount(torn, 10, DiskModel.STRICT);
        try (Subject opened = Subject.open(whole.root().resolve("data"), SETTING.crashed(0))) {
            assertThat(opened.loaded.sequence()).isEqualTo(2);
        }
        SimulatedDisk damaged = SimulatedDisk.mount(torn.zero(first, 0, 4096), 10, DiskModel.STRICT);
        assertThatThrownBy(() -> Subject.open(damaged.root().resolve("data"), SETTING.crashed(0)))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("segment 1 of the log was durable up to offset ");
        again.close();
    }

    private static void damageBeforeATornSegment(
            SimulatedDisk disk, int before, Path first, long lastFrame, Path torn, long acknowledged)
            throws IOException {
        int proven = 0;
        for (int event = before; event <= disk.recording().length(); event++) {
            DiskImage image = CrashExplorer.of(disk.recording()).kill(event).image();
            if (!image.files().containsKey(torn.toString())) {
                continue;
            }
            byte[] begun = image.read(torn.toString());
            boolean hasHeader = SegmentHeader.decode(ByteBuffer.wrap(begun, 0, SegmentHeader.BYTES)) != null;
            boolean hasMore = false;
            for (int i = SegmentHeader.BYTES + Frame.HEADER_BYTES; i < begun.length; i++) {
                hasMore |= begun[i] != 0;
            }
            DiskImage damaged = image.zero(torn.toString(), SegmentHeader.BYTES, begun.length - SegmentHeader.BYTES)
                    .flipBit(first.toString(), lastFrame, 3);
            if (!hasHeader || !hasMore) {
                continue;
            }
            proven++;
            SimulatedDisk next = SimulatedDisk.mount(damaged, 8, DiskModel.STRICT);
            assertThatThrownBy(() -> {
                        try (Subject opened = Subject.open(next.root().resolve("data"), SETTING.crashed(0))) {
                            assertThat(opened.loaded.sequence()).isEqualTo(acknowledged);
                        }
                    })
                    .as("before event %d", event)
                    .isInstanceOf(StorageException.Corrupted.class);
        }
        assertThat(proven).isPositive();
    }
}
