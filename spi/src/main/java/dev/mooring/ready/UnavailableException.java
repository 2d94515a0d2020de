// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ready;

import java.io.IOException;

/** What was asked for does not exist yet: an entry above the last index, or a snapshot before the first was taken. */
public final class UnavailableException extends IOException {

    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
        super(message);
    }
}
