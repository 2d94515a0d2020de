// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import dev.mooring.spi.Option;
import dev.mooring.spi.StorageException;
import java.util.Locale;

/**
 * One configured value.
 *
 * @param key the property, such as {@code mooring.node}
 * @param value as it was written
 * @param origin where it was written
 */
public record Setting(String key, String value, Origin origin) {

    /** The value as an option of this kind understands it. */
    String read(Option option) throws StorageException {
        // POWER_LOSS, as in the API, is as clear as power-loss; the words of all options are in lower case
        String written =
                option.type() == Option.Type.CHOICE && !option.choices().contains(value.strip())
                        ? value.toLowerCase(Locale.ROOT).replace('_', '-')
                        : value;
        try {
            return option.read(written);
        } catch (IllegalArgumentException e) {
            throw mustBe(String.valueOf(e.getMessage()));
        }
    }

    /** The error for a value that does not fit. */
    public StorageException.Refused mustBe(String expected) {
        return new StorageException.Refused(described() + ", but must be " + expected);
    }

    /** Key, value and origin as the beginning of a sentence. */
    public String described() {
        String what = value.isBlank() ? "empty" : Quoting.quote(value);
        return key + " is " + what + " (" + origin + ")";
    }
}
