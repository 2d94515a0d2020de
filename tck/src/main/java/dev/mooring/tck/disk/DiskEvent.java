// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/** One line of a disk's log, in the total order in which things happened. Nodes are the numbers of files and directories. */
sealed interface DiskEvent {

    /** A file or directory came into being. */
    record Created(long parent, String name, long node, boolean directory, String path) implements DiskEvent {
        @Override
        public String toString() {
            return (directory ? "mkdir " : "create ") + path;
        }
    }

    /** A name was taken away. */
    record Removed(long parent, String name, long node, String path) implements DiskEvent {
        @Override
        public String toString() {
            return "remove " + path;
        }
    }

    /** A name moved, perhaps over another one. */
    record Renamed(
            long fromParent, String fromName, long toParent, String toName, long node, String fromPath, String toPath)
            implements DiskEvent {
        @Override
        public String toString() {
            return "rename " + fromPath + " -> " + toPath;
        }
    }

    /** Bytes were written. */
    record Written(long node, long position, Data data, String path) implements DiskEvent {
        @Override
        public String toString() {
            return "write " + path + " " + position + "+" + data.length();
        }
    }

    /** What was just written to a file that was opened with SYNC or DSYNC was forced, or that failed. */
    record Synced(long node, long position, int length, boolean failed, String path) implements DiskEvent {
        @Override
        public String toString() {
            return (failed ? "FAILED sync of " : "sync of ") + path + " " + position + "+" + length;
        }
    }

    /** The length was set. */
    record Resized(long node, long size, String path) implements DiskEvent {
        @Override
        public String toString() {
            return "truncate " + path + " to " + size;
        }
    }

    /** A file was forced, or the force failed. */
    record Forced(long node, boolean failed, String path) implements DiskEvent {
        @Override
        public String toString() {
            return (failed ? "FAILED force " : "force ") + path;
        }
    }

    /** The entries of a directory were forced, or the force failed. */
    record DirectoryForced(long node, boolean failed, String path) implements DiskEvent {
        @Override
        public String toString() {
            return (failed ? "FAILED force directory " : "force directory ") + path;
        }
    }

    /** The program under test began call number {@code call}. */
    record Started(int call) implements DiskEvent {
        @Override
        public String toString() {
            return "-- started " + call;
        }
    }

    /** Call number {@code call} was acknowledged: it must survive from here on. */
    record Acknowledged(int call) implements DiskEvent {
        @Override
        public String toString() {
            return "-- acknowledged " + call;
        }
    }

    /** Something for the reader of the log. */
    record Marked(String text) implements DiskEvent {
        @Override
        public String toString() {
            return "-- " + text;
        }
    }
}
