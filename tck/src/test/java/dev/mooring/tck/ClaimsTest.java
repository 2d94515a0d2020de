// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is not claimed and what can not be run is said so, and never counts as held. */
final class ClaimsTest {

    @BeforeEach
    void hush() {
        System.setProperty(Settings.REPORT, Settings.NO_REPORT);
    }

    @AfterEach
    void clear() {
        System.clearProperty(Settings.REPORT);
    }

    /** The reference backend with other claims, made by a class that a child process can not make. */
    private static class Other implements StorageProvider {
        private final StorageProvider reference = new ReferenceProvider();
        private final Guarantees guarantees;

        Other(Guarantees guarantees) {
            this.guarantees = guarantees;
        }

        @Override
        public String name() {
            return "other";
        }

        @Override
        public List<Option> options() {
            return reference.options();
        }

        @Override
        public Guarantees guarantees(Options options) {
            return guarantees;
        }

        @Override
        public StorageBackend open(BackendContext context) throws IOException {
            return reference.open(context);
        }
    }

    /** Opens files by name on the real file system, as a native library does. */
    private static final class Native extends Other {
        Native() {
            super(new Guarantees(Durability.POWER_LOSS, true));
        }

        @Override
        public StorageBackend open(BackendContext context) throws IOException {
            if (context.directory().getFileSystem() != Path.of("").getFileSystem()) {
                throw new IOException("no such directory: " + context.directory());
            }
            return super.open(context);
        }
    }

    static final class ProcessCrashTck extends StorageTck {
        @Override
        public StorageProvider provider() {
            return new Other(new Guarantees(Durability.PROCESS_CRASH, false));
        }
    }

    /** Leaves everything to the page cache, as it says. */
    static final class UnforcedTck extends StorageTck {
        @Override
        public StorageProvider provider() {
            return new Other(new Guarantees(Durability.PROCESS_CRASH, false));
        }

        @Override
        public Map<String, String> options() {
            return Map.of("segment-bytes", "64KiB", "bug", "NEVER_FORCES");
        }
    }

    static final class NativeTck extends StorageTck {
        @Override
        public StorageProvider provider() {
            return new Native();
        }
    }

    @Test
    void whatIsNotClaimedIsNotChecked() {
        KitRunner.Outcome outcome =
                KitRunner.run(ProcessCrashTck.class, Set.of(Rule.CRASH_3, Rule.CRASH_5, Rule.DAMAGE_1));
        assertThat(outcome.passed()).isZero();
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.aborted())
                .isNotEmpty()
                .allSatisfy(reason -> assertThat(reason)
                        .isInstanceOf(NotClaimed.class)
                        .hasMessageStartingWith("not claimed: needs "));
        assertThat(outcome.aborted())
                .anySatisfy(reason -> assertThat(reason)
                        .hasMessage(
                                "not claimed: needs POWER_LOSS, the backend claims PROCESS_CRASH without checksummed"
                                        + " structures"));
    }

    @Test
    void whatIsClaimedIsCheckedAllTheSame() {
        KitRunner.Outcome outcome = KitRunner.run(ProcessCrashTck.class, Set.of(Rule.LOG_2, Rule.STATE_1));
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.aborted()).isEmpty();
        assertThat(outcome.passed()).isPositive();
    }

    /** FAULT: after an error the process dies, but power stays. */
    @Test
    void powerIsNotCutWhereNobodyClaimsToSurviveThat() {
        KitRunner.Outcome outcome =
                KitRunner.run(UnforcedTck.class, Set.of(Rule.FAULT_1, Rule.FAULT_2, Rule.FAULT_3, Rule.FAULT_4));
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.passed()).isPositive();
    }

    @Test
    void aBackendThatAChildCanNotMakeIsNotKilled() {
        KitRunner.Outcome outcome = KitRunner.run(ProcessCrashTck.class, Set.of(Rule.CRASH_2, Rule.PROV_2));
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.aborted())
                .anySatisfy(reason -> assertThat(reason)
                        .isInstanceOf(NotRun.class)
                        .hasMessageStartingWith("not run: a child process can not"));
        assertThat(outcome.passed()).isZero();
    }

    @Test
    void aBackendThatIsNotOnTheSimulatedDiskIsNotCutOff() {
        KitRunner.Outcome outcome =
                KitRunner.run(NativeTck.class, Set.of(Rule.CRASH_3, Rule.CRASH_4, Rule.CRASH_5, Rule.FAULT_1));
        assertThat(outcome.passed()).isZero();
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.aborted())
                .isNotEmpty()
                .allSatisfy(reason -> assertThat(reason)
                        .isInstanceOf(NotRun.class)
                        .hasMessageStartingWith("not run: the backend can not be run on a simulated disk: "));
    }

    @Test
    void theWorstOfItsChecksIsTheStatusOfARule() {
        Results results = new Results();
        results.add(Rule.LOG_1, Status.HELD, "");
        results.add(Rule.LOG_2, Status.HELD, "");
        results.add(Rule.LOG_2, Status.NOT_CLAIMED, "not claimed: needs more");
        results.add(Rule.LOG_3, Status.NOT_RUN, "not run: no tool");
        results.add(Rule.LOG_3, Status.BROKEN, "it came back");
        results.add(Rule.LOG_3, Status.HELD, "");
        assertThat(results.all().get(Rule.LOG_1).status()).isEqualTo(Status.HELD);
        assertThat(results.all().get(Rule.LOG_2).status()).isEqualTo(Status.NOT_CLAIMED);
        assertThat(results.all().get(Rule.LOG_3))
                .isEqualTo(new Results.Result(Status.BROKEN, Set.of("it came back"), 3));
        assertThat(results.all().get(Rule.LOG_4).status()).isEqualTo(Status.NOT_RUN);
    }
}
