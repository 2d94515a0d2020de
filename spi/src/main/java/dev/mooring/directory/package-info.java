// SPDX-License-Identifier: Apache-2.0
/**
 * The directory of one storage: whose it is, who has it open, and what of it is proven. One entry point,
 * {@link dev.mooring.directory.DataDirectory}; not exported.
 *
 * <p>In this order it serves: that a directory which is damaged, foreign, or in use is never taken for a new one or
 * written to; that a first start which is cut short anywhere leaves nothing that a person has to clean up; that a refusal
 * says what to do. It gives up speed at the first opening, which forces every step.
 */
@NullMarked
package dev.mooring.directory;

import org.jspecify.annotations.NullMarked;
