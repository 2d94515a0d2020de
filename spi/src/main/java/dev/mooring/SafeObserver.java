// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Repair;
import java.util.concurrent.atomic.AtomicBoolean;

/** Stands before the user's observer: what that throws is logged once and never reaches storage. */
final class SafeObserver implements StorageObserver {

    private static final System.Logger LOG = System.getLogger(StorageObserver.class.getName());

    private final StorageObserver observer;
    private final AtomicBoolean complained = new AtomicBoolean();

    SafeObserver(StorageObserver observer) {
        this.observer = observer;
    }

    @Override
    public void saved(Save save) {
        tell(() -> observer.saved(save));
    }

    @Override
    public void snapshotSaved(SnapshotSaved snapshot) {
        tell(() -> observer.snapshotSaved(snapshot));
    }

    @Override
    public void released(Release release) {
        tell(() -> observer.released(release));
    }

    @Override
    public void recovered(Recovery recovery) {
        tell(() -> observer.recovered(recovery));
    }

    @Override
    public void repaired(Repair repair) {
        LOG.log(System.Logger.Level.WARNING, "Repaired while opening: {0}", repair);
        tell(() -> observer.repaired(repair));
    }

    @Override
    public void failed(Throwable cause) {
        LOG.log(System.Logger.Level.ERROR, "The storage failed; nothing more is written until it is reopened", cause);
        tell(() -> observer.failed(cause));
    }

    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | Error e) { // a metrics library may lack a class, and a disk must not hang on that
            if (complained.compareAndSet(false, true)) {
                LOG.log(System.Logger.Level.WARNING, "The storage's observer threw; told only once", e);
            }
        }
    }
}
