// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the subcommands, and gives them the terminal that they write to. */
record Commands(Terminal terminal) implements IFactory {

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == DemoCommand.class) {
            return type.cast(new DemoCommand(terminal));
        }
        if (type == BackendsCommand.class) {
            return type.cast(new BackendsCommand(terminal));
        }
        if (type == MigrateCommand.class) {
            return type.cast(new MigrateCommand(terminal));
        }
        if (type == VerifyCommand.class) {
            return type.cast(new VerifyCommand(terminal));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
