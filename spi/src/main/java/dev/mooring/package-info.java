// SPDX-License-Identifier: Apache-2.0
/**
 * Durable storage for a Raft engine: hard state, log entries and snapshots, on whichever backend the configuration names.
 *
 * <p>Start at {@link dev.mooring.RaftStorage}. In this order the package serves: that what was acknowledged is there
 * after any crash; that a mistake of the engine is refused before anything changes; and speed. It gives up knowing what
 * the payloads mean, and driving the protocol: it stores for an engine, it is none.
 */
@NullMarked
package dev.mooring;

import org.jspecify.annotations.NullMarked;
