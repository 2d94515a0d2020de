// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.power.CoreSubject;
import dev.mooring.tck.power.Probe;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the families on a simulated disk share. They run for every backend that keeps to the path it is given. */
abstract class DiskRules extends Rules {

    static final int LARGEST_PAYLOAD_BYTES = 6000;

    // of each backend with its options, for every check asks
    private static final Map<String, String> OBSTACLES = new ConcurrentHashMap<>();

    DiskRules(StorageTck kit) {
        super(kit);
    }

    /** The whole storage; ends the check as not run if the backend can not live on a simulated disk. */
    final CoreSubject core() throws IOException {
        CoreSubject subject = new CoreSubject(overheard(), plug().configured(), LARGEST_PAYLOAD_BYTES);
        String obstacle = OBSTACLES.get(key());
        if (obstacle == null) {
            obstacle = Probe.obstacle(subject);
            OBSTACLES.put(key(), obstacle);
        }
        if (!obstacle.isEmpty()) {
            throw notRun(obstacle);
        }
        return subject;
    }

    /** The backend alone. */
    final BareSubject bare(Script.Shape shape) throws IOException {
        core();
        return new BareSubject(new Plug(overheard(), plug().configured()), shape);
    }

    /** One that asks late for what a simulated disk does not have is not broken. */
    private StorageProvider overheard() {
        String key = key();
        return new OverheardProvider(plug().provider(), thrown -> {
            String missing = Probe.missing(thrown);
            if (!missing.isEmpty()) {
                OBSTACLES.put(key, missing);
            }
        });
    }

    private String key() {
        return plug().provider().getClass().getName() + plug().configured();
    }

    private static NotRun notRun(String obstacle) {
        return new NotRun("the backend can not be run on a simulated disk: " + obstacle);
    }

    /** What a check that failed comes to: nothing, where that disk was the reason. */
    final Optional<NotRun> excuse() {
        return Optional.ofNullable(OBSTACLES.get(key()))
                .filter(obstacle -> !obstacle.isEmpty())
                .map(DiskRules::notRun);
    }

    final Effort effort() {
        return settings().effort();
    }
}
