// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import java.io.IOException;

/** A copy could not be written; nothing is wrong with its source. */
public final class UnwrittenCopyException extends IOException {

    private static final long serialVersionUID = 1L;

    UnwrittenCopyException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
