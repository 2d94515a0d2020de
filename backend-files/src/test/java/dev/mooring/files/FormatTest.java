// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes that are hostile, stale or forged (DAMAGE-4). */
class FormatTest {

    private static final Subject.Setting SETTING = Subject.Setting.SMALL;

    private final SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);
    private Path data;

    @BeforeEach
    void create() throws IOException {
        data = Files.createDirectory(disk.root().resolve("data"));
    }

    /** Appends a frame with right checksums and a body of our own, as if this release had written it. */
    private static void forge(Segment active, int previousCrc, long sequence, int kind, ByteBuffer body)
            throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(body.duplicate());
        Frame frame = Frame.of(
                active.end, kind, active.salt, sequence, 1, body.remaining(), previousCrc, (int) crc.getValue());
        ByteBuffer bytes = ByteBuffer.allocate(Frame.HEADER_BYTES + body.remaining());
        frame.encode(bytes, active.salt);
        bytes.position(Frame.HEADER_BYTES);
        bytes.put(body.duplicate()).flip();
        try (StableFile file = StableFile.open(active.path, StandardOpenOption.WRITE)) {
            file.write(bytes, active.end);
            file.force();
        }
    }

    private static void putEntries(ByteBuffer body, long first, int count, int length) {
        body.put((byte) Records.UPDATED).putShort((short) 1).put((byte) 'g').put((byte) 64);
        body.putLong(first).putInt(count).putLong(1).putInt(0).putInt(length);
    }

    /** DAMAGE-4: checksums hold, but lengths, counts and kinds are hostile. Refused with the place, no memory taken. */
    @Test
    void hostileBodiesAreRefused() throws IOException {
        List<Consumer<ByteBuffer>> bodies = List.of(
                body -> body.put((byte) 9).putShort((short) 1).put((byte) 'g').put((byte) 0),
                body -> body.put((byte) 1).putShort((short) -1),
                body -> body.put((byte) 1).putShort((short) 1).put((byte) 'g').put((byte) 255),
                body -> body.put((byte) 1)
                        .putShort((short) 1)
                        .put((byte) 'g')
                        .put((byte) 8)
                        .putInt(Integer.MAX_VALUE),
                body -> body.put((byte) 1)
                        .putShort((short) 1)
                        .put((byte) 'g')
                        .put((byte) 8)
                        .putInt(-1),
                body -> body.put((byte) 1)
                        .putShort((short) 1)
                        .put((byte) 'g')
                        .put((byte) 4)
                        .putShort((short) 9),
                body -> body.put((byte) 1)
                        .putShort((short) 1)
                        .put((byte) 'g')
                        .put((byte) 16)
                        .putShort((short) 0),
                body -> putEntries(body, 3, Integer.MAX_VALUE, 0),
                body -> putEntries(body, 3, -1, 0),
                body -> putEntries(body, 3, 1, Integer.MAX_VALUE),
                body -> putEntries(body, 3, 1, -7),
                body -> putEntries(body, -3, 1, 0),
                body -> putEntries(body, Long.MAX_VALUE, 1, 0),
                body -> putEntries(body, 77, 1, 0),
                body -> putEntries(body, 3, 0, 0),
                body -> body.put((byte) 2).putShort((short) 1).put((byte) 'g').put((byte) 0));
        for (Consumer<ByteBuffer> each : bodies) {
            Path directory = Files.createDirectory(data.resolve("case-" + bodies.indexOf(each)));
            Segment active;
            int crc;
            try (Subject subject = Subject.open(directory, SETTING)) {
                subject.append("g", 2, 100);
                active = subject.activeSegment();
                crc = subject.backend.log().lastCrc;
            }
            ByteBuffer body = ByteBuffer.allocate(100);
            each.accept(body);
            forge(active, crc, 2, Frame.CHANGES, body.flip());
            assertThatThrownBy(() -> Subject.open(directory, SETTING.crashed(0)))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining(active.path + " at offset " + active.end);
        }
    }

    /** Random bodies under good checksums: refused or read, never a crash of another kind. */
    @Test
    void randomBodiesAreHarmless() throws IOException {
        Random random = new Random(4);
        for (int round = 0; round < 400; round++) {
            Path directory = Files.createDirectory(data.resolve("round-" + round));
            Segment active;
            int crc;
            try (Subject subject = Subject.open(directory, SETTING)) {
                subject.append("g", 2, 100);
                active = subject.activeSegment();
                crc = subject.backend.log().lastCrc;
            }
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            if (body.length > 5) {
                body[0] = (byte) (1 + random.nextInt(4));
                body[1] = 0;
                body[2] = 1;
                body[3] = 'g';
                body[4] = (byte) random.nextInt(128);
            }
            forge(active, crc, 2, 1 + random.nextInt(2), ByteBuffer.wrap(body));
            try (Subject subject = Subject.open(directory, SETTING.crashed(0))) {
                subject.picture();
            } catch (StorageException.Corrupted e) {
                assertThat(e).hasMessageContaining(directory.toString());
            }
        }
    }

    /** A checkpoint that claims an enormous log is not believed, and costs no memory. */
    @Test
    void anEnormousLogIsNotBelieved() throws IOException {
        Segment active;
        int crc;
        try (Subject subject = Subject.open(data, SETTING)) {
            subject.append("g", 2, 100);
            active = subject.activeSegment();
            crc = subject.backend.log().lastCrc;
        }
        ByteBuffer hardState = HardState.INITIAL.encode("g");
        ByteBuffer body = ByteBuffer.allocate(200);
        body.put((byte) Records.EXISTING).putShort((short) 1).put((byte) 'g').put((byte) (4 | 32));
        body.putShort((short) hardState.remaining()).put(hardState).putLong(1).putLong(Long.MAX_VALUE - 1);
        forge(active, crc, 2, Frame.CHANGES, body.flip());
        assertThatThrownBy(() -> Subject.open(data, SETTING.crashed(0))).isInstanceOf(StorageException.Corrupted.class);
    }

    /** Payloads that are copies of the log itself, salt and all, are payloads: also behind a torn save. */
    @Test
    void framesInsidePayloadsAreNotFrames() throws IOException {
        Picture before;
        Segment active;
        long end;
        try (Subject subject = Subject.open(data, SETTING.segments(64 << 10))) {
            subject.append("g", 5, 200);
            active = subject.activeSegment();
            byte[] copy = new byte[(int) active.end];
            try (StableFile file = StableFile.open(active.path, StandardOpenOption.READ)) {
                file.readFully(ByteBuffer.wrap(copy), 0);
            }
            subject.saveEntries(
                    subject.next(),
                    List.of(new Update("g", null, List.of(Payloads.entry("g", 6, 1, copy)), null, null)));
            before = subject.model.picture();
            end = active.end;
            subject.saveEntries(
                    subject.next(),
                    List.of(new Update("g", null, List.of(Payloads.entry("g", 7, 1, copy)), null, null)));
        }
        try (StableFile file = StableFile.open(active.path, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(60), end); // the beginning of the last save never reached the disk
            file.force();
        }
        try (Subject subject = Subject.open(data, SETTING.segments(64 << 10).crashed(2))) {
            assertThat(before.differenceTo(subject.picture())).isNull();
            assertThat(subject.repairs).hasSize(1);
        }
    }

    /** A file in its next life is full of frames of the one before. */
    @Test
    void framesOfAFormerLifeAreNotFrames() throws IOException {
        Subject.Setting setting = SETTING;
        Subject subject = Subject.open(data, setting);
        for (int i = 0; i < 200; i++) {
            subject.append("g", 1, 100 + i % 50);
            subject.keep("g", 5);
            if (i % 3 == 0) {
                disk.kill();
                subject = Subject.reopen(subject, setting.crashed(subject.model.sequence()));
                assertThat(subject.repairs).isEmpty();
                assertThat(subject.loaded.sequence()).isEqualTo(subject.model.sequence());
                subject.checkReads();
            }
        }
        assertThat(subject.backend.log().chain.stream().anyMatch(segment -> segment.reused)
                        || disk.calls(dev.mooring.tck.disk.Operation.CREATE) > 0)
                .isTrue();
        subject.close();
    }

    /** Everything but the entries outlives the segment it was saved in. */
    @Test
    void stateOutlivesItsSegment() throws IOException {
        HardState hardState = new HardState(7, "", 3);
        SnapshotPointer pointer = new SnapshotPointer(3, 1, true, 12);
        try (Subject subject = Subject.open(data, SETTING)) {
            subject.append("quiet", 5, 10);
            subject.saveSnapshot(
                    subject.next(),
                    new Update("quiet", null, List.of(), hardState, ByteBuffer.wrap(Payloads.bytes(5, 300))),
                    pointer);
            subject.releaseLock("quiet", 3);
            for (int i = 0; i < 100; i++) {
                subject.append("fast", 1, 1000);
                subject.keep("fast", 3);
            }
            assertThat(subject.backend.log().chain.getFirst().ordinal).isGreaterThan(3);
            subject.checkReads();
            disk.kill();
        }
        try (Subject subject = Subject.open(data, SETTING.crashed(0))) {
            assertThat(subject.loaded.groups().get("quiet").hardState()).isEqualTo(hardState);
            assertThat(subject.loaded.groups().get("quiet").snapshot()).isEqualTo(pointer);
            assertThat(subject.loaded.groups().get("quiet").attachment())
                    .isEqualTo(ByteBuffer.wrap(Payloads.bytes(5, 300)));
            assertThat(subject.loaded.groups().get("quiet").firstIndex()).isEqualTo(4);
            assertThat(subject.read("quiet", 4, 5)).extracting(Entry::index).containsExactly(4L, 5L);
        }
    }

    /** LOG-5: an empty log goes on anywhere; what it held before was released in memory only, and does not come back. */
    @Test
    void aLogThatWasEmptiedGoesOnAnywhere() throws IOException {
        for (long next : new long[] {20, 11, 5, 1}) {
            Path directory = Files.createDirectory(data.resolve("next-" + next));
            try (Subject subject = Subject.open(directory, SETTING)) {
                subject.append("g", 10, 50);
                subject.releaseLock("g", 10);
                subject.saveEntries(
                        subject.next(),
                        List.of(new Update("g", null, Payloads.run("g", next, 3, 2, 60, 1), null, null)));
                subject.checkReads();
                Picture picture = subject.model.picture();
                disk.kill();
                try (Subject after = Subject.open(directory, SETTING.crashed(2))) {
                    assertThat(picture.differenceTo(after.picture())).isNull();
                }
            }
        }
    }

    /** What a save costs: one write and one force. */
    @Test
    void aSaveIsOneWriteAndOneForce() throws IOException {
        try (Subject subject = Subject.open(data, SETTING.segments(1 << 20))) {
            subject.append("g", 1, 100);
            int writes = disk.calls(dev.mooring.tck.disk.Operation.WRITE);
            int forces = disk.calls(dev.mooring.tck.disk.Operation.FORCE);
            for (int i = 0; i < 20; i++) {
                subject.saveEntries(
                        subject.next(),
                        List.of(
                                subject.entries("g", 3, 500),
                                subject.entries("h", 2, 1000),
                                subject.entries("i", 1, 0)));
            }
            assertThat(disk.calls(dev.mooring.tck.disk.Operation.WRITE) - writes)
                    .isEqualTo(20);
            assertThat(disk.calls(dev.mooring.tck.disk.Operation.FORCE) - forces)
                    .isEqualTo(20);
        }
    }
}
