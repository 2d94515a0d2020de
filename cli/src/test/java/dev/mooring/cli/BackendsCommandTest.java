// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.InstalledBackends;
import dev.mooring.InstalledBackends.Backend;
import dev.mooring.InstalledBackends.Broken;
import dev.mooring.cli.terminal.TestTerminal;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backend that can not be used is said, hides no other, and counts for none. */
class BackendsCommandTest {

    private final TestTerminal terminal = TestTerminal.plain();

    @Test
    void whereNoBackendCanBeUsedTheStatusSaysSo() {
        Backend odd = backend("odd", new Odd());
        assertThat(list(List.of(odd), List.of())).isEqualTo(1);
        assertThat(terminal.out())
                .contains("odd cannot be used", "odd.jar", "NoClassDefFoundError: com/example/Native")
                .doesNotContain("\tat ");
        assertThat(list(List.of(), List.of(new Broken("b.Broken", null, new LinkageError("half a jar")))))
                .isEqualTo(1);
        assertThat(terminal.out()).contains("b.Broken cannot be used", "half a jar");
    }

    @Test
    void oneThatCanBeUsedIsShownBesideOneThatCanNot() {
        Backend odd = backend("odd", new Odd());
        Backend whole = backend("whole", new Whole());
        assertThat(list(List.of(odd, whole), List.of())).isZero();
        assertThat(terminal.out()).contains("odd cannot be used", "whole.jar", "survive a power cut");
    }

    private int list(List<Backend> backends, List<Broken> broken) {
        return new BackendsCommand(terminal.terminal()).list(new InstalledBackends(backends, broken));
    }

    private static Backend backend(String name, StorageProvider provider) {
        return new Backend(name, provider, name + ".jar", null, List.of());
    }

    private static final class Whole extends Provider {

        private Whole() {
            super("whole");
        }

        @Override
        public Guarantees guarantees(Options options) {
            return new Guarantees(Durability.POWER_LOSS, true);
        }
    }

    /** Finds out late that its library is missing. */
    private static final class Odd extends Provider {

        private Odd() {
            super("odd");
        }

        @Override
        public Guarantees guarantees(Options options) {
            throw new NoClassDefFoundError("com/example/Native");
        }
    }

    private abstract static class Provider implements StorageProvider {

        private final String name;

        private Provider(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<Option> options() {
            return List.of();
        }

        @Override
        public StorageBackend open(BackendContext context) {
            throw new AssertionError("nobody opens it");
        }
    }
}
