// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Locale;

/** What a run says of a rule, from best to worst: the worst of its checks counts. */
enum Status {
    /** All its checks ran and found nothing. */
    HELD,
    /** The backend does not claim what the rule needs. */
    NOT_CLAIMED,
    /** A check could not be made here, or was not chosen. Proves nothing. */
    NOT_RUN,
    /** A check found a violation. */
    BROKEN;

    /** In words. */
    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
