// SPDX-License-Identifier: Apache-2.0
/** What the command writes and how: pleasant on a terminal, plain in a pipe or a file. */
@NullMarked
package dev.mooring.cli.terminal;

import org.jspecify.annotations.NullMarked;
