// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import dev.mooring.settings.Quoting;
import java.util.Locale;
import java.util.ServiceConfigurationError;
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
        return Quoting.escape(provider) + (jar == null ? "" : " in " + jar) + ": " + Quoting.escape(cause.toString())
                + (isOfAnotherCopy() ? " (it implements the StorageProvider of another copy of Mooring, or none)" : "");
    }

    /** Whether this is probably the backend of that name, to judge by its class and jar. */
    boolean isProbably(String backend) {
        return !backend.isBlank()
                && (provider + " " + jar).toLowerCase(Locale.ROOT).contains(backend);
    }

    private boolean isOfAnotherCopy() {
        return cause instanceof ServiceConfigurationError
                && String.valueOf(cause.getMessage()).endsWith("not a subtype");
    }
}
