// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** Attributes by path. Times and owners can be set and are forgotten. */
record AttributeView(Volume volume, SimulatedPath path) implements PosixFileAttributeView {

    @Override
    public String name() {
        return "posix";
    }

    @Override
    public PosixFileAttributes readAttributes() throws IOException {
        return volume.attributes(path);
    }

    @Override
    public void setTimes(FileTime lastModifiedTime, FileTime lastAccessTime, FileTime createTime) throws IOException {
        volume.attributes(path);
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        volume.permissions(path, Set.copyOf(permissions));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
        volume.attributes(path);
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
        return volume.attributes(path).owner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
        volume.attributes(path);
    }
}
