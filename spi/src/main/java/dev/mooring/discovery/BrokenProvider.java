// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import org.jspecify.annotations.Nullable;

/**
 * A provider that is registered but cannot be used.
 *
 * @param provider name of its class, or of the file that registers it
 * @param jar jar or directory it is registered in; null if that cannot be told
 * @param cause why it cannot be used
 */
public record BrokenProvider(String provider, @Nullable String jar, Throwable cause) {

    /** Class, jar and cause on one line. */
    public String described() {
        return provider + (jar == null ? "" : " in " + jar) + ": " + cause;
    }
}
