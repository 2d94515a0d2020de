// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import org.jspecify.annotations.Nullable;

/** A step of the demonstration did not happen as told. The message says which and what was seen instead. */
final class DemoFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DemoFailure(String message) {
        this(message, null);
    }

    DemoFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
