// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.InstalledBackends;
import dev.mooring.cli.terminal.UserError;
import java.util.List;
import java.util.stream.Collectors;

/** The value of {@code --backend}. */
final class InstalledBackend {

    private InstalledBackend() {}

    /** Refuses a name that no backend on the class path has, before anything is touched. */
    static void require(String name) {
        InstalledBackends installed = InstalledBackends.find();
        List<String> names = installed.backends().stream()
                .map(InstalledBackends.Backend::name)
                .distinct()
                .toList();
        if (!names.contains(name)) {
            throw new UserError("There is no backend '" + name + "' on the class path. "
                    + (names.isEmpty()
                            ? "There is none at all; add the jar of one"
                            : "There is: " + String.join(", ", names) + ". Choose with --backend NAME")
                    + broken(installed));
        }
    }

    /** What is there and can not be used may be the very one that is meant. */
    private static String broken(InstalledBackends installed) {
        if (installed.broken().isEmpty()) {
            return "";
        }
        return ". These can not be used: "
                + installed.broken().stream()
                        .map(each -> each.provider() + (each.jar() == null ? "" : " in " + each.jar()) + ", because of "
                                + each.cause())
                        .collect(Collectors.joining("; "));
    }
}
