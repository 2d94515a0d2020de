// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.settings.CoreKey;
import dev.mooring.settings.Setting;
import dev.mooring.settings.Settings;
import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of a storage: which backend, which directory, which limits. Immutable, and safe for use by any thread.
 *
 * <p>Properties begin with {@code mooring.}; the accessors below say what each means. Options of a backend are
 * {@code mooring.<backend>.<option>}; those of backends that are not chosen are left alone. A variable of the environment
 * is the property in upper case with underscores for dots and dashes, {@code MOORING_FILES_SEGMENT_BYTES}. Variables that
 * begin with {@code MOORING_} and are no such property are left alone too, for others use the prefix (a launcher has
 * {@code MOORING_HOME}, Kubernetes adds {@code MOORING_SERVICE_HOST}), unless they are a slip of a known one or begin
 * with the name of the chosen backend.
 *
 * <p>Values are checked when they are read, and all of them by {@link RaftStorage#open(StorageConfig)}, before anything
 * on disk is touched. What does not fit is {@link StorageException.Refused}, with key, value, where it was written, and
 * what to write. Blanks around a value do not count.
 */
public final class StorageConfig {

    private static final int MAX_NODE_CHARS = 64;
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9_-]([A-Za-z0-9._-]*[A-Za-z0-9_-])?");

    private final Settings settings;
    private final @Nullable Path directory; // of the program, perhaps on another file system; else the settings tell
    private final @Nullable StorageProvider provider; // null: found by name

    private StorageConfig(Settings settings, @Nullable Path directory, @Nullable StorageProvider provider) {
        this.settings = settings;
        this.directory = directory;
        this.provider = provider;
    }

    /**
     * Reads a properties file, in UTF-8. Variables of the environment override it, and system properties override both.
     *
     * @param propertiesFile the properties of a whole application may be in it; what does not begin with {@code
     *     mooring.} is left alone
     * @return what was found, not yet checked
     * @throws StorageException.Refused if the file is missing, cannot be read, is too large, or sets one property twice
     */
    public static StorageConfig load(Path propertiesFile) throws IOException {
        return load(propertiesFile, System.getenv(), System.getProperties());
    }

    static StorageConfig load(Path propertiesFile, Map<String, String> environment, Properties systemProperties)
            throws IOException {
        return new StorageConfig(Settings.load(propertiesFile, environment, strings(systemProperties)), null, null);
    }

    /**
     * Takes variables of the environment, overridden by system properties, and no file.
     *
     * @return what was found, not yet checked
     */
    public static StorageConfig fromEnvironment() {
        return fromEnvironment(System.getenv(), System.getProperties());
    }

    static StorageConfig fromEnvironment(Map<String, String> environment, Properties systemProperties) {
        return new StorageConfig(Settings.fromEnvironment(environment, strings(systemProperties)), null, null);
    }

    /**
     * Takes exactly these properties; neither environment nor system properties override them. Every key begins with
     * {@code mooring.}.
     *
     * @param properties value by key
     * @return these properties, not yet checked
     */
    public static StorageConfig of(Map<String, String> properties) {
        return new StorageConfig(Settings.of(properties), null, null);
    }

    private static Map<String, String> strings(Properties properties) {
        Map<String, String> strings = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            String value = properties.getProperty(name);
            if (value != null) { // another thread may have removed it
                strings.put(name, value);
            }
        }
        return strings;
    }

    /**
     * This configuration with one property set, which overrides file, environment and system properties.
     *
     * @param key the property, such as {@code mooring.directory}
     * @param value as it would be written in a file
     * @return a changed copy
     */
    public StorageConfig with(String key, String value) {
        boolean namesDirectory = key.equals(CoreKey.DIRECTORY.key());
        return new StorageConfig(settings.with(key, value), namesDirectory ? null : directory, provider);
    }

    /**
     * This configuration with another data directory, which may be on any file system and is used as it is.
     *
     * @param directory used as it is; created when the storage is opened, if need be
     * @return a changed copy
     */
    public StorageConfig withDirectory(Path directory) {
        return new StorageConfig(settings.without(CoreKey.DIRECTORY), directory, provider);
    }

    /**
     * This configuration for another node, whatever was set before; null for a data directory that belongs to one node.
     *
     * @param node name of the node, or null
     * @return a changed copy
     */
    public StorageConfig withNode(@Nullable String node) {
        return node == null
                ? new StorageConfig(settings.without(CoreKey.NODE), directory, provider)
                : with(CoreKey.NODE.key(), node);
    }

    /**
     * This configuration with a backend that the program chose, in place of one found on the class path. If {@code
     * mooring.backend} is set too, it must name the same.
     *
     * @param provider the backend to use
     * @return a changed copy
     */
    public StorageConfig withProvider(StorageProvider provider) {
        return new StorageConfig(settings, directory, provider);
    }

    /**
     * {@code mooring.backend}: name of the backend; null if none is named, which is enough where only one is installed.
     *
     * @return its name
     * @throws StorageException.Refused if what is set does not fit
     */
    public @Nullable String backend() throws StorageException {
        if (provider != null) {
            return provider.name();
        }
        return settings.get(CoreKey.BACKEND) == null ? null : settings.text(CoreKey.BACKEND);
    }

    /**
     * {@code mooring.directory}: the data directory. A relative one is taken from the working directory of the process.
     *
     * @return its absolute path
     * @throws StorageException.Refused if it is not set, or is no path
     */
    public Path directory() throws StorageException {
        if (directory != null) {
            return directory;
        }
        Setting setting = settings.get(CoreKey.DIRECTORY);
        if (setting == null) {
            throw new StorageException.Refused("mooring.directory is not set. Write where this node keeps its data, for"
                    + " instance mooring.directory=/var/lib/mooring");
        }
        try {
            return Path.of(settings.text(CoreKey.DIRECTORY)).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw setting.mustBe("the path of a directory: " + e.getReason());
        }
    }

    /**
     * {@code mooring.node}: name of this node, where several nodes share one data directory; 1 to 64 characters of
     * {@code [A-Za-z0-9._-]}, no dot at either end, and none of the names in a storage's own directory. Null: the data
     * directory belongs to one node.
     *
     * @return its name
     * @throws StorageException.Refused if what is set does not fit
     */
    public @Nullable String node() throws StorageException {
        Setting setting = settings.get(CoreKey.NODE);
        if (setting == null) {
            return null;
        }
        String node = settings.text(CoreKey.NODE);
        if (node.length() > MAX_NODE_CHARS || !NODE.matcher(node).matches()) {
            throw setting.mustBe(
                    "1 to " + MAX_NODE_CHARS + " of A-Z a-z 0-9 . _ - with no dot at either end: it names a"
                            + " subdirectory of the data directory");
        }
        return node;
    }

    /**
     * {@code mooring.create}: whether a storage may be created where there is none, {@code auto} (the default) or
     * {@code never}. With {@code never} a disk that is not mounted is not taken for a new node.
     *
     * @return true for {@code auto}
     * @throws StorageException.Refused if what is set does not fit
     */
    public boolean mayCreate() throws StorageException {
        return settings.text(CoreKey.CREATE).equals("auto");
    }

    /**
     * {@code mooring.durability}: what acknowledged changes must at least survive, {@code power-loss} (the default),
     * {@code process-crash} or {@code volatile}. Anything less than the default can lose acknowledged entries and
     * votes; a backend that gives less than this is refused.
     *
     * @return the least that is asked for
     * @throws StorageException.Refused if what is set does not fit
     */
    public Durability durability() throws StorageException {
        String word = settings.text(CoreKey.DURABILITY);
        return Durability.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /**
     * {@code mooring.snapshot.retain}: how many snapshots of each group are kept, from 1; 2 by default.
     *
     * @return the number of snapshots
     * @throws StorageException.Refused if what is set does not fit
     */
    public int snapshotRetain() throws StorageException {
        return Math.toIntExact(settings.number(CoreKey.SNAPSHOT_RETAIN));
    }

    /**
     * {@code mooring.snapshot.catch-up-entries}: how many entries behind a snapshot are kept for slow followers, from
     * 0; 5,000 by default.
     *
     * @return the number of entries
     * @throws StorageException.Refused if what is set does not fit
     */
    public long snapshotCatchUpEntries() throws StorageException {
        return settings.number(CoreKey.SNAPSHOT_CATCH_UP_ENTRIES);
    }

    /**
     * {@code mooring.snapshot.interval-entries}: applied entries between two snapshots, from 1; 10,000 by default.
     *
     * @return the number of entries
     * @throws StorageException.Refused if what is set does not fit
     */
    public long snapshotIntervalEntries() throws StorageException {
        return settings.number(CoreKey.SNAPSHOT_INTERVAL_ENTRIES);
    }

    /**
     * {@code mooring.max-payload-bytes}: largest payload of one entry, from 1 to 1 GiB; 64 MiB by default.
     *
     * @return the limit in bytes
     * @throws StorageException.Refused if what is set does not fit
     */
    public int maxPayloadBytes() throws StorageException {
        return Math.toIntExact(settings.number(CoreKey.MAX_PAYLOAD_BYTES));
    }

    /**
     * {@code mooring.max-update-bytes}: largest sum of the payloads of one save, up to 1 GiB and not less than {@link
     * #maxPayloadBytes()}; 128 MiB by default.
     *
     * @return the limit in bytes
     * @throws StorageException.Refused if what is set does not fit
     */
    public int maxUpdateBytes() throws StorageException {
        long bytes = settings.number(CoreKey.MAX_UPDATE_BYTES);
        if (bytes < maxPayloadBytes()) {
            throw new StorageException.Refused(settings.described(CoreKey.MAX_UPDATE_BYTES) + ", and "
                    + settings.described(CoreKey.MAX_PAYLOAD_BYTES) + ": the largest entry could not be saved"
                    + ". Write mooring.max-update-bytes=" + maxPayloadBytes()
                    + " or more");
        }
        return Math.toIntExact(bytes);
    }

    /**
     * {@code mooring.queue-bytes}: sum of the payloads that may wait in memory to be written, from 1 to 1 GiB;
     * 64 MiB by default. Beyond it callers wait. An empty queue admits any save up to {@link #maxUpdateBytes()}.
     *
     * @return the limit in bytes
     * @throws StorageException.Refused if what is set does not fit
     */
    public long queueBytes() throws StorageException {
        return settings.number(CoreKey.QUEUE_BYTES);
    }

    /**
     * Checks the whole configuration and chooses the backend. Touches nothing on disk and needs no directory.
     *
     * @throws StorageException.Refused if any key or value does not fit, the choice is not unique, or the backend gives
     *     less than was configured
     */
    ChosenBackend chooseBackend() throws StorageException {
        BackendChoice choice = BackendChoice.among(settings, provider);
        settings.check(choice.installed());
        node();
        maxUpdateBytes();
        if (settings.get(CoreKey.DIRECTORY) != null) {
            directory();
        }
        return choice.choose(durability());
    }

    /** The properties that are set, and where; not their values, for a backend's option may be a secret. */
    @Override
    public String toString() {
        return "StorageConfig[" + settings + "]";
    }
}
