// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.io.IOException;

/** Bytes that are no frame, or whose checksum holds and which still make no sense. */
final class MalformedException extends IOException {

    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message);
    }
}
