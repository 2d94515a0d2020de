// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.InstalledBackends;
import dev.mooring.cli.terminal.UserError;
import java.util.List;

/** The value of {@code --backend}. */
final class InstalledBackend {

    private InstalledBackend() {}

    /** Refuses a name that no backend on the class path has, before anything is touched. */
    static void require(String name) {
        List<String> names = InstalledBackends.find().backends().stream()
                .map(InstalledBackends.Backend::name)
                .distinct()
                .toList();
        if (!names.contains(name)) {
            throw new UserError("There is no backend '" + name + "' on the class path. "
                    + (names.isEmpty()
                            ? "There is none at all; add the jar of one"
                            : "There is: " + String.join(", ", names) + ". Choose with --backend NAME"));
        }
    }
}
