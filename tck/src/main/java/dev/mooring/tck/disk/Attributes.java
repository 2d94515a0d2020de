// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** What is known of a file or directory. Time stands still, so that runs are alike. */
record Attributes(boolean isDirectory, long size, Object fileKey, Set<PosixFilePermission> permissions)
        implements PosixFileAttributes {

    /** The one user of a simulated disk. */
    enum Owner implements GroupPrincipal {
        OWNER;

        @Override
        public String getName() {
            return "owner";
        }
    }

    private static final FileTime EPOCH = FileTime.fromMillis(0);

    @Override
    public UserPrincipal owner() {
        return Owner.OWNER;
    }

    @Override
    public GroupPrincipal group() {
        return Owner.OWNER;
    }

    @Override
    public FileTime lastModifiedTime() {
        return EPOCH;
    }

    @Override
    public FileTime lastAccessTime() {
        return EPOCH;
    }

    @Override
    public FileTime creationTime() {
        return EPOCH;
    }

    @Override
    public boolean isRegularFile() {
        return !isDirectory;
    }

    @Override
    public boolean isSymbolicLink() {
        return false;
    }

    @Override
    public boolean isOther() {
        return false;
    }
}
