// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.StorageInfo;
import dev.mooring.cli.copy.Source;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where from and where to, without links: what one directory is called has no say in whether it lies in the other.
 *
 * @param source where from
 * @param to what the target's own directory will be
 */
record Places(Source source, Path to) {

    Path from() {
        return source.directory();
    }

    /** Looks at both without touching them, and refuses what can not go together. */
    static Places look(Path from, Path to) throws IOException {
        Path absolute = to.toAbsolutePath().normalize();
        Source looked = Source.look(from);
        Path source = looked.directory();
        String node = looked.info().node();
        if (node != null && !absolute.endsWith(node)) {
            throw new UserError(
                    source + " belongs to node '" + node + "', and a node's directory has its name: let --to end in '"
                            + node + "', and set mooring.directory to the directory above it");
        }
        Path target = withoutLinks(absolute);
        if (target.startsWith(source) || source.startsWith(target)) {
            throw new UserError(
                    "--to " + target + " and --from " + source + " lie inside each other. Choose another target");
        }
        if (looked.holds(target)) {
            throw new UserError("--to " + target + " lies in the source, through a link. Choose another target");
        }
        refuseInsideAStorage(target);
        Workshop.check(target);
        return new Places(looked, target);
    }

    private static Path withoutLinks(Path to) throws IOException {
        Path there = to;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            there = parent(there);
        }
        if (!Files.exists(there)) {
            throw new UserError(there + " is a link to " + Files.readSymbolicLink(there)
                    + ", which is not there. Remove the link, or choose another target");
        }
        if (!there.equals(to) && !Files.isDirectory(there)) {
            throw new UserError(there + " is not a directory, so there can be none below it. Choose another target");
        }
        return there.toRealPath().resolve(there.relativize(to)).normalize();
    }

    /** What is in a storage's directory belongs to the storage, and the next clean-up may take it away. */
    private static void refuseInsideAStorage(Path to) throws IOException {
        for (Path above = to.getParent(); above != null; above = above.getParent()) {
            if (isStorage(above)) {
                throw new UserError(
                        "--to " + to + " lies in the storage " + above + ". Choose a target outside of every storage");
            }
        }
    }

    private static boolean isStorage(Path directory) throws IOException {
        try {
            return Files.isDirectory(directory) && StorageInfo.read(directory) != null;
        } catch (StorageException.Corrupted e) {
            return false; // a file of this name that is not ours: RocksDB has one, too
        }
    }

    private static Path parent(Path path) {
        @Nullable Path parent = path.getParent();
        if (parent == null) {
            throw new UserError(path + " is not there. Choose another target");
        }
        return parent;
    }
}
