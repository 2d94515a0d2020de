// SPDX-License-Identifier: Apache-2.0
/**
 * Carries a storage over to another backend. The source is never written to, the target opens only when it is complete and
 * verified, and a migration that was killed begins again.
 */
@NullMarked
package dev.mooring.cli.migrate;

import org.jspecify.annotations.NullMarked;
