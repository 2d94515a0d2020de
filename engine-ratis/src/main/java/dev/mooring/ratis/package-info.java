// SPDX-License-Identifier: Apache-2.0
/**
 * Runs an unmodified Apache Ratis server, 3.1.0 to 3.3.0, with its log, term and vote in a Mooring storage.
 *
 * <p>Start at {@link dev.mooring.ratis.MooringRatis}. In this order the package serves: that a division never answers from
 * memory what its storage does not hold; that it stops, and says why, rather than live on without its log; and speed. It
 * gives up being a plug-in that Ratis knows of: it reaches seven members that are not Ratis' public API, and refuses a
 * release that lacks one of them.
 */
@NullMarked
package dev.mooring.ratis;

import org.jspecify.annotations.NullMarked;
