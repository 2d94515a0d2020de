// SPDX-License-Identifier: Apache-2.0
/**
 * What a storage must hold after any sequence of calls: the reference model, generated calls, and the oracle that
 * compares a recovered state with the states that are allowed. Knows no test framework and no backend.
 */
@NullMarked
package dev.mooring.tck.model;

import org.jspecify.annotations.NullMarked;
