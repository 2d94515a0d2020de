// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

/** What acknowledged changes survive, from least to most. */
public enum Durability {
    /** Nothing: state is gone when the process ends. Such a backend keeps no mark. */
    VOLATILE,
    /** The death of the process at any moment, not a power cut. */
    PROCESS_CRASH,
    /** A power cut at any moment, where any write that was not forced may be lost, torn or reordered. */
    POWER_LOSS
}
