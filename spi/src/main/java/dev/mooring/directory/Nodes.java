// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Several nodes side by side in one directory, each in its own subdirectory. A directory holds nodes, or it is a storage,
 * never both.
 *
 * <p>Two processes that choose differently at the same moment do not miss each other: each writes the beginning of its own
 * storage first and looks for the other's afterwards, see {@link FirstInitialisation}.
 */
final class Nodes {

    // one name is one directory entry on every system: no separators, nothing that Windows drops or reserves
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?");

    private static final Pattern DEVICE =
            Pattern.compile("(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?", Pattern.CASE_INSENSITIVE);

    private Nodes() {}

    static Path root(Path directory, @Nullable String node) throws StorageException {
        if (node == null) {
            return directory.toAbsolutePath();
        }
        if (!isName(node)) {
            throw new StorageException.Refused("mooring.node is '" + node + "'. The name of a node is the name of its"
                    + " subdirectory: 1 to 64 characters of A-Z a-z 0-9 . _ -, no dot at either end, and none of the"
                    + " names that a storage uses itself, such as 'data', or that Windows keeps for devices, such as"
                    + " 'con'");
        }
        return directory.toAbsolutePath().resolve(node);
    }

    /** Refuses a directory of nodes to a storage without node, and a storage's directory to nodes. */
    static void checkSurroundings(Path root, Request request) throws IOException {
        String node = request.node();
        if (node == null) {
            SortedSet<String> nodes = Entries.names(root, Nodes::isNode);
            if (!nodes.isEmpty()) {
                throw new StorageException.Refused(root + " holds the nodes " + String.join(", ", nodes)
                        + ", each in its own subdirectory. Set mooring.node to the one that is to run here, or choose"
                        + " another directory");
            }
            return;
        }
        // the directory as it was configured: where the node's own is a link, its real parent is another
        Layout shared = new Layout(request.directory().toAbsolutePath());
        for (Path sign :
                List.of(shared.data(), shared.mark(), shared.beginning(), shared.identity(), shared.migration())) {
            if (StableFile.exists(sign)) {
                throw new StorageException.Refused(shared.root() + " is a storage itself (it has " + sign.getFileName()
                        + "), so it can not hold node '" + node + "'. " + whatToSet(shared));
            }
        }
    }

    private static String whatToSet(Layout shared) throws IOException {
        Path above = shared.root().getParent();
        try {
            String its = StableFile.exists(shared.identity())
                    ? Identity.read(shared.identity()).node()
                    : null;
            if (its != null && above != null && shared.root().endsWith(its)) {
                return "It is that of node '" + its + "': to open it set mooring.directory=" + above
                        + " and mooring.node=" + its;
            }
        } catch (StorageException e) {
            // whose it is can not be told
        }
        return "Choose another directory, or leave mooring.node away to open the storage that is there";
    }

    private static boolean isNode(Path entry) throws IOException {
        BasicFileAttributes attributes = Entries.attributes(entry);
        // an engine's files may have our names: RocksDB keeps an IDENTITY of its own, in data and before that in
        // data.tmp
        if (attributes == null
                || !attributes.isDirectory()
                || !isName(entry.getFileName().toString())) {
            return false;
        }
        Layout inside = new Layout(entry);
        return StableFile.exists(inside.beginning()) || StableFile.exists(inside.identity());
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches()
                && !DEVICE.matcher(name).matches()
                && !Layout.isReserved(name.toLowerCase(Locale.ROOT));
    }
}
