// SPDX-License-Identifier: Apache-2.0
/**
 * A small backend over plain files on which the kit must be green, and the bugs that it can be given, each of which the
 * kit must find.
 */
@NullMarked
package dev.mooring.tck.reference;

import org.jspecify.annotations.NullMarked;
