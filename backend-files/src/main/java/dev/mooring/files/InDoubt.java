// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which groups and entries damage is about, for messages: as far as it can be told, and a few of them by name. */
final class InDoubt {

    private static final int NAMED_GROUPS = 3;
    private static final String BEGINNING = ". Lost or in doubt";
    private static final String UNKNOWN = BEGINNING + ": which groups and entries can not be told";

    private InDoubt() {}

    /** Those of the groups for which {@code entries} has words. */
    static String of(Iterable<GroupLog> groups, Function<GroupLog, @Nullable String> entries) {
        String named = named(groups, entries);
        return named.isEmpty() ? UNKNOWN : BEGINNING + ": " + named;
    }

    /**
     * All of a log that can not be read as a whole: what its newest segment that can be read knows of it. Costs what an
     * opening costs that reads only that one. Never fails: the damage is what has to be told.
     */
    static String all(Path directory, UUID storageId) {
        try {
            ByteBuffer window = SegmentInput.newWindow();
            TreeMap<Long, Path> begun = new TreeMap<>();
            for (Path path : new SegmentFiles(directory).list().values()) {
                SegmentHeader header = header(path, window);
                if (header != null && header.storageId().equals(storageId)) {
                    begun.put(header.ordinal(), path);
                }
            }
            for (Map.Entry<Long, Path> each : begun.descendingMap().entrySet()) {
                LogState log = replayed(each.getValue(), storageId, window);
                String named = log == null ? "" : named(log.groups.values(), GroupLog::held);
                if (!named.isEmpty()) {
                    return BEGINNING + ", as far as segment " + each.getKey() + " of the log can be read: " + named;
                }
            }
        } catch (IOException | RuntimeException | OutOfMemoryError unreadable) {
            return UNKNOWN;
        }
        return UNKNOWN;
    }

    private static @Nullable SegmentHeader header(Path path, ByteBuffer window) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
            return new SegmentInput(file, file.size(), window).header();
        }
    }

    /** A segment by itself: its checkpoint, and the changes behind it; null if it does not begin with a whole checkpoint. */
    private static @Nullable LogState replayed(Path path, UUID storageId, ByteBuffer window) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
            SegmentInput input = new SegmentInput(file, file.size(), window);
            SegmentHeader header = input.header();
            if (header == null) {
                return null;
            }
            Segment segment = new Segment(path, 0, header.sizeBytes(), header.salt(), header.reused());
            segment.ordinal = header.ordinal();
            LogState log = new LogState(path, storageId, 0);
            int crc = header.crc();
            Frame frame = input.frame(SegmentHeader.BYTES, header.salt());
            while (frame != null && frame.previousCrc() == crc) {
                List<Change> changes = input.records(frame);
                if (changes == null) {
                    break;
                }
                for (Change change : changes) {
                    log.apply(change, segment);
                }
                crc = frame.crc();
                frame = input.frame(frame.end(), header.salt());
            }
            return log;
        }
    }

    private static String named(Iterable<GroupLog> groups, Function<GroupLog, @Nullable String> entries) {
        StringBuilder text = new StringBuilder();
        int found = 0;
        for (GroupLog log : groups) {
            String words = entries.apply(log);
            if (words != null && found++ < NAMED_GROUPS) {
                text.append(found == 1 ? "" : ", ")
                        .append("group '")
                        .append(log.name)
                        .append("' ")
                        .append(words);
            }
        }
        return found > NAMED_GROUPS
                ? text.append(", and ")
                        .append(found - NAMED_GROUPS)
                        .append(" more")
                        .toString()
                : text.toString();
    }
}
