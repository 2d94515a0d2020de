// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import org.jspecify.annotations.Nullable;

/** Something that the user can mend. The message says what it is and what to do; it is shown without a stack trace. */
public final class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        this(message, null);
    }

    public UserError(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
