// SPDX-License-Identifier: Apache-2.0
/**
 * The demonstration: three Raft servers in processes of their own, a text loaded into them line by line, kills on the
 * way, and a count at the end of what was acknowledged and what is there.
 *
 * <p>{@link dev.mooring.cli.demo.Demo} tells the story. {@code Cluster} and {@code ServerProcess} start, ask and kill the
 * servers, {@code Server} is what runs in them, {@code Loader} is the client, {@code Plan} the moments of the kills.
 */
@NullMarked
package dev.mooring.cli.demo;

import org.jspecify.annotations.NullMarked;
