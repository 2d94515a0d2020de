// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import org.opentest4j.TestAbortedException;

/** A check that does not bind this backend, because it does not claim what the rule needs. */
final class NotClaimed extends TestAbortedException {
    private static final long serialVersionUID = 1L;

    NotClaimed(String reason) {
        super("not claimed: " + reason);
    }
}
