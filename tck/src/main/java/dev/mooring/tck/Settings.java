// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How a run is made, from system properties.
 *
 * @param seed {@code mooring.tck.seed}; drawn if it is not set, and printed with every failure that depends on it
 * @param effort {@code mooring.tck.quick} or {@code mooring.tck.exhaustive}
 * @param report {@code mooring.tck.report}: directory for the report, {@code target/mooring-tck} if it is not set;
 *     {@code none} writes and prints none
 * @param work {@code mooring.tck.directory}: where data directories are made; choose a real disk. The system's temporary
 *     directory if it is not set
 */
record Settings(long seed, Effort effort, Path report, Path work) {

    static final String SEED = "mooring.tck.seed";
    static final String QUICK = "mooring.tck.quick";
    static final String EXHAUSTIVE = "mooring.tck.exhaustive";
    static final String REPORT = "mooring.tck.report";
    static final String NO_REPORT = "none";
    static final String DIRECTORY = "mooring.tck.directory";

    // drawn once, so that all checks of one run share it
    private static final long DRAWN_SEED = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    boolean isExhaustive() {
        return effort == Effort.EXHAUSTIVE;
    }

    boolean isReported() {
        return !report.toString().equals(NO_REPORT);
    }

    static Settings current() {
        return new Settings(
                Long.getLong(SEED, DRAWN_SEED),
                Effort.of(System.getProperty(QUICK, "false"), System.getProperty(EXHAUSTIVE, "false")),
                Path.of(System.getProperty(REPORT, "target/mooring-tck")),
                Path.of(System.getProperty(DIRECTORY, System.getProperty("java.io.tmpdir")))
                        .toAbsolutePath()); // children have a working directory of their own
    }
}
