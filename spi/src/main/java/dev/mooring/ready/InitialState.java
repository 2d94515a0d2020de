// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ready;

import dev.mooring.spi.HardState;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a Raft core starts from (etcd's {@code InitialState}).
 *
 * @param hardState term, vote and commit index as saved; commit index 0 is the empty log. Term 0, no vote and 0 for a new node
 * @param configuration the cluster's configuration kept with the newest snapshot; null if there is none. Changes of it after
 *     the snapshot are entries of the log
 */
public record InitialState(HardState hardState, @Nullable ByteBuffer configuration) {}
