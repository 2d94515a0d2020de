// SPDX-License-Identifier: Apache-2.0
/** The command {@code mooring}: one class for each subcommand, and how errors and usage are shown. */
@NullMarked
package dev.mooring.cli;

import org.jspecify.annotations.NullMarked;
