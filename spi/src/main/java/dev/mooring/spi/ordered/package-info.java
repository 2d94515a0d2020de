// SPDX-License-Identifier: Apache-2.0
/**
 * A whole backend over any engine that has ordered keys and atomic, durable transactions: {@link
 * dev.mooring.spi.ordered.OrderedBackend} keeps groups, bounds, hard states, snapshot pointers and releases in it, and an
 * adapter says how its engine reads, writes and closes ({@link dev.mooring.spi.ordered.OrderedEngine}). An engine for which
 * this does not fit implements {@link dev.mooring.spi.StorageBackend} itself.
 */
@NullMarked
package dev.mooring.spi.ordered;

import org.jspecify.annotations.NullMarked;
