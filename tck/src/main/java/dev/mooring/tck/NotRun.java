// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import org.opentest4j.TestAbortedException;

/** A check that could not be made here, such as one whose tool is missing. It proves nothing. */
final class NotRun extends TestAbortedException {
    private static final long serialVersionUID = 1L;

    NotRun(String reason) {
        super("not run: " + reason);
    }

    NotRun(String reason, Throwable cause) {
        super("not run: " + reason, cause);
    }
}
