// SPDX-License-Identifier: Apache-2.0
/** Reads every entry and every snapshot of a storage, in a copy of it, and tells what each group holds. */
@NullMarked
package dev.mooring.cli.verify;

import org.jspecify.annotations.NullMarked;
