// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a storage on a {@link dev.mooring.tck.disk.SimulatedDisk}, lets power fail, calls fail and bytes rot, and compares
 * what is recovered with the reference model. Knows no test framework and no backend.
 */
@NullMarked
package dev.mooring.tck.power;

import org.jspecify.annotations.NullMarked;
