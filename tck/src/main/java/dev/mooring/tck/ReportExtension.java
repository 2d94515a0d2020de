// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Writes the report when all families of one backend have run. */
final class ReportExtension implements BeforeAllCallback, AfterAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isOutermost(context)) {
            Results.of(context.getRequiredTestClass());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (isOutermost(context)) {
            Class<?> kit = context.getRequiredTestClass();
            Results results = Results.take(kit);
            if (Settings.current().isReported()) {
                Report report = Report.of(kit, results);
                report.printTo(System.out);
                report.write(Settings.current().report());
            }
        }
    }

    private static boolean isOutermost(ExtensionContext context) {
        return !context.getParent().flatMap(ExtensionContext::getTestClass).isPresent();
    }
}
