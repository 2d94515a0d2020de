// SPDX-License-Identifier: Apache-2.0
/**
 * What a storage backend implements: an ordered, durable, atomic store of log entries.
 *
 * <p>In this order the package serves: that nothing acknowledged is ever lost or altered; that a backend is small,
 * for everything that every backend would otherwise do again is done once, in the core; and speed. It gives up
 * convenience for callers: engines use {@link dev.mooring} instead.
 *
 * <p>A backend registers a {@link dev.mooring.spi.StorageProvider} for {@link java.util.ServiceLoader}. The values that
 * cross the boundary are records that check themselves.
 */
@NullMarked
package dev.mooring.spi;

import org.jspecify.annotations.NullMarked;
