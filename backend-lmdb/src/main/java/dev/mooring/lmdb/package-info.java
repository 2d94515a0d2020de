// SPDX-License-Identifier: Apache-2.0
/**
 * The backend {@code lmdb}: all groups in one LMDB environment. For small logs that are read more than they are written,
 * and for reads that never wait for a write; it gives up checksums of its own pages, and a file that shrinks.
 */
@NullMarked
package dev.mooring.lmdb;

import org.jspecify.annotations.NullMarked;
