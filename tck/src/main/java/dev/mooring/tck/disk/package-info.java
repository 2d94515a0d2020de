// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated disk: a file system in memory behind {@code java.nio.file} that remembers which writes were forced, and a
 * crash explorer that mounts every image a power cut may have left behind.
 *
 * <p>In order: it never shows a state that a disk of its {@link dev.mooring.tck.disk.DiskModel} could not show, it is
 * deterministic, and it is fast. It gives up links, mapped files and access times.
 */
@NullMarked
package dev.mooring.tck.disk;

import org.jspecify.annotations.NullMarked;
