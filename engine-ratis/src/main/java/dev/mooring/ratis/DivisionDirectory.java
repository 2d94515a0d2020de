// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;

/** The place of a division's storage within Ratis' directory, and what keeps two kinds of log off each other. */
final class DivisionDirectory {

    // Ratis looks for its log by file name and takes a directory without one for that of a new server: empty
    // log, no vote. So a server that ran on Mooring and is started without it would forget what it acknowledged,
    // and could vote twice. Two names that look like segments of Ratis' log stop it:
    //   log_inprogress_0   a file that is not a segment. Ratis refuses its header, unless it is configured to go
    //                      on with what it can read of a damaged log (WARN_AND_RETURN): then it deletes it
    //   log_1-1            a directory that is not empty. This it can neither read nor delete
    static final String GUARD_FILE = "log_inprogress_0";
    static final String GUARD_DIRECTORY = "log_1-1";

    private static final String GUARD_MAGIC = "Mooring: this is not a log of Apache Ratis.";
    private static final String IN_USE = "state: in use";
    private static final String CREATING = "state: creating";
    private static final int MAX_GUARD_BYTES = 4096;
    private static final Pattern SEGMENT = Pattern.compile("log_(inprogress_)?\\d+(-\\d+)?");

    private final String division;
    private final RaftStorage ratis;
    private final Path current;

    DivisionDirectory(String division, RaftStorage ratis) {
        this.division = division;
        this.ratis = ratis;
        this.current = ratis.getStorageDir().getCurrentDir().toPath();
    }

    /** Where Mooring keeps this division. */
    Path storage() {
        return current.resolve(MooringRatis.DIRECTORY);
    }

    /**
     * Makes sure that no log or vote of Ratis' own is here, and that Ratis itself will not start here. Durable on return.
     *
     * @return whether Mooring was here before, so that the storage must exist
     * @throws StorageException.Refused if Ratis' own log is here
     * @throws StorageException.Corrupted if Mooring was here before and its storage is gone
     */
    boolean prepare() throws IOException {
        Path guard = current.resolve(GUARD_FILE);
        boolean ours = isOurs(guard);
        refuseForeignSegments(ours);
        boolean exists = Files.isDirectory(storage());
        if (!ours && !exists) {
            refuseForeignVote();
        }
        boolean used = ours && guardText(guard).contains(IN_USE);
        if (used && !exists) {
            throw new StorageException.Corrupted("Division " + division + ": the storage " + storage()
                    + " is missing, but " + guard + " says that this server kept its log and its vote there. Bring the"
                    + " directory back; or, if it is lost, remove this server from the group, delete "
                    + ratis.getStorageDir().getRoot() + " and add the server again as a new one");
        }
        guard(used ? IN_USE : CREATING);
        return used;
    }

    /** From now on a missing storage is an error. Durable on return. */
    void markUsed() throws IOException {
        guard(IN_USE);
        // Ratis creates its directories without forcing the entries that lead to them
        Path root = ratis.getStorageDir().getRoot().toPath().toAbsolutePath();
        StableFile.forceDirectory(root);
        Path volume = root.getParent();
        if (volume != null) {
            StableFile.forceDirectory(volume);
        }
    }

    private void guard(String state) throws IOException {
        Path directory = current.resolve(GUARD_DIRECTORY);
        Files.createDirectories(directory);
        replaceIfDifferent(
                directory.resolve("README"), GUARD_MAGIC + " See " + GUARD_FILE + " beside this directory.\n");
        String text = GUARD_MAGIC + "\n"
                + "The log, the term and the vote of this division are in '" + MooringRatis.DIRECTORY + "' beside this"
                + " file. It and the directory '" + GUARD_DIRECTORY + "' keep Ratis from\n"
                + "starting here with its own log, which would be empty: this server would forget what it acknowledged,"
                + " and could vote twice.\n" + state + "\n";
        replaceIfDifferent(current.resolve(GUARD_FILE), text);
        StableFile.forceDirectory(current);
    }

    private static void replaceIfDifferent(Path file, String text) throws IOException {
        if (!Files.isRegularFile(file) || !guardText(file).equals(text)) {
            StableFile.replace(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void refuseForeignSegments(boolean guarded) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(current, "log_*")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                boolean ours = name.equals(GUARD_FILE) ? guarded : name.equals(GUARD_DIRECTORY) && isDirectory(file);
                if (!ours && SEGMENT.matcher(name).matches()) {
                    throw new StorageException.Refused("Division " + division + ": " + file
                            + " belongs to a log of Ratis' own, which Mooring does not read. With an empty log beside it"
                            + " this server would forget what it acknowledged, and could vote twice. Start it without"
                            + " Mooring; or remove it from the group, delete "
                            + ratis.getStorageDir().getRoot() + " and add it again with Mooring");
                }
            }
        }
    }

    private void refuseForeignVote() throws IOException {
        RaftStorageMetadata metadata = ratis.getMetadataFile().getMetadata();
        if (!metadata.equals(RaftStorageMetadata.getDefault())) {
            throw new StorageException.Refused("Division " + division + ": " + current + " holds a vote of Ratis' own ("
                    + metadata + "), which Mooring does not read. Without it this server could vote twice. Start it"
                    + " without Mooring; or remove it from the group, delete "
                    + ratis.getStorageDir().getRoot() + " and add it again with Mooring");
        }
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    private static boolean isOurs(Path guard) throws IOException {
        return Files.isRegularFile(guard) && guardText(guard).startsWith(GUARD_MAGIC);
    }

    private static String guardText(Path file) throws IOException {
        try (StableFile opened = StableFile.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(MAX_GUARD_BYTES);
            opened.read(bytes, 0);
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }
}
