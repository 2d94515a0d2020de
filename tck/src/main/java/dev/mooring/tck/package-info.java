// SPDX-License-Identifier: Apache-2.0
/**
 * The compatibility kit for storage backends.
 *
 * <p>{@link dev.mooring.tck.Rule} is the contract as a catalogue, {@link dev.mooring.tck.StorageTck} the class to extend,
 * {@link dev.mooring.tck.Main} the same without code. One package-private class holds the checks of each family of rules.
 * In this order the kit serves: that a backend which loses data is not called compatible; that a failure says which rule
 * is broken and what was seen; and that a run takes about a minute. It gives up proving the absence of faults.
 */
@NullMarked
package dev.mooring.tck;

import org.jspecify.annotations.NullMarked;
