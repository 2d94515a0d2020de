// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.RaftStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** A storage of each backend, open, and the callers that save into it. */
final class Contestants implements AutoCloseable {

    private final List<RaftStorage> storages = new ArrayList<>();
    private final List<Callers> callers = new ArrayList<>();

    private Contestants() {}

    static Contestants open(Place place, List<String> backends, int threads) throws IOException {
        Contestants contestants = new Contestants();
        try {
            for (String backend : backends) {
                RaftStorage storage = place.open(backend, place.directory().resolve(backend + "-saves-" + threads));
                contestants.storages.add(storage);
                contestants.callers.add(new Callers(storage, "group", threads));
            }
            return contestants;
        } catch (IOException | RuntimeException e) {
            try {
                contestants.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** So many saves of each caller of one of them. */
    Latencies save(int which, int times, int payloadBytes) throws InterruptedException, ExecutionException {
        return callers.get(which).save(times, payloadBytes);
    }

    @Override
    public void close() throws IOException {
        callers.forEach(Callers::close);
        IOException failure = null;
        for (RaftStorage storage : storages) {
            try {
                storage.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
