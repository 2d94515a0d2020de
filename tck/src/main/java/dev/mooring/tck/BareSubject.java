// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.power.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** A backend without the core around it: what the core would mask is seen. */
final class BareSubject implements Subject {

    private static final String DIRECTORY = "mooring-simulated-disk";

    private final Plug plug;
    private final Script.Shape shape;
    private volatile UUID storageId = new UUID(0, 0);

    BareSubject(Plug plug, Script.Shape shape) {
        this.plug = plug;
        this.shape = shape;
    }

    @Override
    public Script.Shape shape() {
        return shape;
    }

    /** Initialises it: that the core has done before anybody relies on the backend. */
    @Override
    public void prepare(Path root) throws IOException {
        try (BareStorage storage = BareStorage.create(plug, root.resolve(DIRECTORY))) {
            storageId = storage.storageId();
        }
    }

    @Override
    public List<List<Update>> acceptedBefore(Call call, Model before) {
        return List.of();
    }

    @Override
    public Session open(Path root) throws IOException {
        return new BareSession(BareStorage.open(plug, root.resolve(DIRECTORY), storageId, 0, false));
    }

    private record BareSession(BareStorage storage) implements Session {

        @Override
        public Picture picture() throws IOException {
            return storage.picture();
        }

        @Override
        public int repairs() {
            return storage.repairs().size();
        }

        @Override
        public void saveEntries(long sequence, List<Update> updates) throws IOException {
            storage.saveEntries(sequence, updates);
        }

        @Override
        public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
            storage.saveSnapshot(sequence, update, snapshot);
        }

        @Override
        public void releaseLock(String group, long index) throws IOException {
            storage.releaseLock(group, index);
        }

        @Override
        public void drop(long sequence, String group) throws IOException {
            storage.drop(sequence, group);
        }

        @Override
        public void reopen() throws IOException {
            storage.reopen();
        }

        @Override
        public void close() throws IOException {
            storage.close();
        }
    }
}
