// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

/**
 * What a backend gives with certain options.
 *
 * @param durability what acknowledged changes survive
 * @param checksummedStructures whether it finds damage in its own pages; entries are protected by the core in any case
 */
public record Guarantees(Durability durability, boolean checksummedStructures) {}
