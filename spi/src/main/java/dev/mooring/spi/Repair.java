// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.file.Path;

/**
 * Something a backend mended while recovering, such as a torn last save that was never acknowledged.
 *
 * @param file the file that was mended
 * @param offset byte offset in it from which on it was mended, from 0
 * @param description what was found and what was done, one sentence for an operator
 */
public record Repair(Path file, long offset, String description) {

    @Override
    public String toString() {
        return file + " at offset " + offset + ": " + description;
    }
}
