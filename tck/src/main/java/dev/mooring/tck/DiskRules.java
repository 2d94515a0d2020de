// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.power.CoreSubject;
import dev.mooring.tck.power.Probe;
import java.io.IOException;

/** What the families on a simulated disk share. They run for every backend that keeps to the path it is given. */
abstract class DiskRules extends Rules {

    static final int LARGEST_PAYLOAD_BYTES = 6000;

    DiskRules(StorageTck kit) {
        super(kit);
    }

    /** The whole storage; ends the check as not run if the backend can not live on a simulated disk. */
    final CoreSubject core() throws IOException {
        CoreSubject subject = new CoreSubject(plug().provider(), plug().configured(), LARGEST_PAYLOAD_BYTES);
        String obstacle = Probe.obstacle(subject);
        if (!obstacle.isEmpty()) {
            throw new NotRun("the backend can not be run on a simulated disk: " + obstacle);
        }
        return subject;
    }

    /** The backend alone. */
    final BareSubject bare() throws IOException {
        core();
        return new BareSubject(plug(), LARGEST_PAYLOAD_BYTES);
    }

    final Effort effort() {
        return settings().effort();
    }
}
