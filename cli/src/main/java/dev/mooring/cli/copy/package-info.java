// SPDX-License-Identifier: Apache-2.0
/**
 * A storage that somebody else owns, locked and copied without a byte of it being changed. Opening a storage may mend and clean
 * up, so it is the copy that a command opens.
 */
@NullMarked
package dev.mooring.cli.copy;

import org.jspecify.annotations.NullMarked;
