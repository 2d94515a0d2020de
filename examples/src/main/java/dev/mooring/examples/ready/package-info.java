// SPDX-License-Identifier: Apache-2.0
/**
 * A complete Ready loop: a small Raft core, the storage behind it, and a node whose state machine is made of the three
 * components {@code rid}, {@code scd} and {@code aux}, combined into one snapshot.
 */
@NullMarked
package dev.mooring.examples.ready;

import org.jspecify.annotations.NullMarked;
