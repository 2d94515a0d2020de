// SPDX-License-Identifier: Apache-2.0
/**
 * What is measured rather than tested: disk use over long runs, snapshots against a plain copy, many groups.
 *
 * <p>In order: what is compared is measured in one run, side by side; a figure says what it is a figure of; and a run ends
 * in minutes. Nothing here fails because a machine is slow.
 */
@NullMarked
package dev.mooring.bench;

import org.jspecify.annotations.NullMarked;
