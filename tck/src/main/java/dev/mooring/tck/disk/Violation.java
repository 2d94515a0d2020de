// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.List;

/**
 * A crash after which the program is not what it has to be.
 *
 * @param model what the disk may do
 * @param seed seed of the recorded disk
 * @param state where power failed and what survived; {@link CrashExplorer#image} makes the same disk again
 * @param before the last events that did happen, one line each
 * @param next the event that did not happen any more
 * @param lost what did not survive, one line each: number of the event, path, position and length
 * @param cause what the check threw
 */
public record Violation(
        DiskModel model,
        long seed,
        CrashState state,
        List<String> before,
        String next,
        List<String> lost,
        Throwable cause) {

    @Override
    public String toString() {
        return cause + "\n  power failed before event " + state.position() + " (" + next + "), acknowledged "
                + state.acked() + ", started " + state.started() + ", model " + model + ", seed " + seed + ", choice "
                + state.choice() + "\n  lost: " + (lost.isEmpty() ? "nothing" : String.join("\n        ", lost))
                + "\n  before that: " + String.join("\n               ", before);
    }
}
