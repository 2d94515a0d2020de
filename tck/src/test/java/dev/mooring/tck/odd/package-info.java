// SPDX-License-Identifier: Apache-2.0
/**
 * Backends that look wrong and are not: what each does is odd, and the contract allows it. A check that one of them fails is
 * too strict.
 */
@NullMarked
package dev.mooring.tck.odd;

import org.jspecify.annotations.NullMarked;
