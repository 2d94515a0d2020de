// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PowerCutsTest {

    @ParameterizedTest
    @EnumSource
    void theReferenceBackendSurvivesUnderTheCore(DiskModel model) throws IOException {
        CoreSubject subject = new CoreSubject(new ReferenceProvider(), Map.of("segment-bytes", "16KiB"), 3000);
        PowerCuts.Outcome outcome =
                new PowerCuts(subject, 1).powerFails(model, 20_000, TimeUnit.SECONDS.toNanos(30));
        System.out.println(model + " " + outcome);
        assertThat(outcome.broken()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheReferenceBackendReportsAfterAKillIsDurable(DiskModel model) throws IOException {
        CoreSubject subject = new CoreSubject(new ReferenceProvider(), Map.of("segment-bytes", "16KiB"), 3000);
        PowerCuts.Outcome outcome =
                new PowerCuts(subject, 1).processDies(model, 20_000, TimeUnit.SECONDS.toNanos(30));
        System.out.println(model + " " + outcome);
        assertThat(outcome.broken()).isEmpty();
    }
}
