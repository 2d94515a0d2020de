// SPDX-License-Identifier: Apache-2.0
/**
 * The backend {@code files}: one log of segment files for all groups of a storage.
 *
 * <p>In this order the package serves: that what was acknowledged is found again after any crash, or its damage is named;
 * that a save costs one write and one sync; that disk use follows what is alive; that memory does not follow the bytes
 * stored. It gives up fast opening of very large logs (every live segment is read once) and random access by anything but
 * group and index. The bytes are described in {@code docs/formats.md}.
 *
 * <p>Where to begin: {@link dev.mooring.files.FilesBackend} has the verbs, {@link dev.mooring.files.Frame} and
 * {@link dev.mooring.files.SegmentHeader} the format, {@link dev.mooring.files.Recovery} the decisions after a crash,
 * {@link dev.mooring.files.Housekeeper} what happens in the background.
 */
@NullMarked
package dev.mooring.files;

import org.jspecify.annotations.NullMarked;
