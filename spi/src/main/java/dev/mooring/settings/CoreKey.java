// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import dev.mooring.spi.Option;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The properties that Mooring itself understands; all others of the form {@code mooring.<backend>.<option>} are a backend's. */
public enum CoreKey {
    BACKEND(Option.text("backend", "", "name of the backend that keeps the data, such as files")),
    DIRECTORY(Option.text("directory", "", "the data directory")),
    NODE(Option.text("node", "", "name of this node, where several share one data directory")),
    CREATE(Option.choice(
            "create",
            "auto",
            List.of("auto", "never"),
            "'never' refuses an empty directory, so that an unmounted disk is not taken for a new node")),
    DURABILITY(Option.choice(
            "durability",
            "power-loss",
            List.of("volatile", "process-crash", "power-loss"),
            "what acknowledged changes must survive; anything less than power-loss can lose them")),
    SNAPSHOT_RETAIN(
            "snapshot.",
            Option.number("retain", 2, "snapshots", 1, Integer.MAX_VALUE, "how many snapshots of each group are kept")),
    SNAPSHOT_CATCH_UP_ENTRIES(
            "snapshot.",
            Option.number(
                    "catch-up-entries",
                    5_000,
                    "entries",
                    0,
                    Long.MAX_VALUE,
                    "how many entries behind a snapshot are kept for slow followers")),
    SNAPSHOT_INTERVAL_ENTRIES(
            "snapshot.",
            Option.number(
                    "interval-entries", 10_000, "entries", 1, Long.MAX_VALUE, "applied entries between two snapshots")),
    MAX_PAYLOAD_BYTES(
            Option.number("max-payload-bytes", 64L << 20, "bytes", 1, 1L << 30, "largest payload of one entry")),
    MAX_UPDATE_BYTES(Option.number(
            "max-update-bytes",
            128L << 20,
            "bytes",
            1,
            1L << 30,
            "largest sum of the payloads of one save; at least mooring.max-payload-bytes")),
    QUEUE_BYTES(Option.number(
            "queue-bytes",
            64L << 20,
            "bytes",
            1,
            1L << 30, // so that a batch, which is all that waits, fits into one change of every backend
            "payloads that may wait in memory before callers have to wait"));

    /** What every property begins with. */
    public static final String PREFIX = "mooring.";

    /** What every variable of the environment begins with. */
    public static final String VARIABLE_PREFIX = "MOORING_";

    private final String key;

    @SuppressWarnings("ImmutableEnumChecker") // a record of immutable parts, but not annotated so
    private final Option option;

    CoreKey(Option option) {
        this("", option);
    }

    CoreKey(String section, Option option) {
        this.key = PREFIX + section + option.name();
        this.option = option;
    }

    /** The property, such as {@code mooring.snapshot.retain}. */
    public String key() {
        return key;
    }

    /** The variable of the environment, such as {@code MOORING_SNAPSHOT_RETAIN}. */
    public String variable() {
        return variable(key);
    }

    Option option() {
        return option;
    }

    /** The property as a variable of the environment: upper case, with underscores for dots and dashes. */
    static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(CoreKey::key).toList();
    }

    /** The keys without the prefix they share. */
    static List<String> names() {
        return keys().stream().map(key -> key.substring(PREFIX.length())).toList();
    }

    static @Nullable CoreKey ofKey(String key) {
        return Arrays.stream(values())
                .filter(k -> k.key.equals(key))
                .findFirst()
                .orElse(null);
    }

    /** Whether no backend may have this name, because the core's own keys go by it. */
    public static boolean isReserved(String backend) {
        return Arrays.stream(values()).anyMatch(k -> k.key.startsWith(PREFIX + backend + "."));
    }
}
