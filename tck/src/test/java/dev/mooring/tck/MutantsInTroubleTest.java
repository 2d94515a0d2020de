// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

/** The bugs in what follows: snapshots and release, many groups, crashes, failures, damage. */
final class MutantsInTroubleTest extends Mutants {

    MutantsInTroubleTest() {
        super(rule -> !isOfContents(rule));
    }
}
