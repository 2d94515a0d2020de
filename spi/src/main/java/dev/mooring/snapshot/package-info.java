// SPDX-License-Identifier: Apache-2.0
/**
 * The snapshot files of one storage: staged, published, verified, read and removed. The core stands on it; nobody else
 * sees it.
 *
 * <p>In this order the package serves: that a published snapshot is whole or found damaged, byte by byte; that a failure
 * while one is written leaves no trace; that it takes constant memory; and speed. It gives up sharing: a snapshot's files
 * are storage's own, and nothing else may be put beside them.
 */
@NullMarked
package dev.mooring.snapshot;

import org.jspecify.annotations.NullMarked;
