// SPDX-License-Identifier: Apache-2.0
/**
 * Storage for a Raft core that is driven by a loop of ready states, in the shape of etcd's: what it hands out is saved in
 * the order snapshot, then hard state and entries; components put their state together into one snapshot; the log is
 * compacted behind it and keeps some entries for slow followers.
 *
 * <p>Start at {@link dev.mooring.ready.ReadyStorage}.
 */
@NullMarked
package dev.mooring.ready;

import org.jspecify.annotations.NullMarked;
