// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StableFile;
import dev.mooring.tck.disk.CrashCheck;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A script run through core and backend on a simulated disk, and what must be left of it after a crash. */
final class DiskRun {

    private final Plug plug;
    private final Path directory;
    private final List<Step> script;
    private final Oracle oracle;

    /**
     * Prepares a run.
     *
     * @param directory a real, empty directory; the simulated one has the same name, so that a backend which does not use
     *     the file system of its path does no harm
     */
    DiskRun(Plug plug, Path directory, List<Step> script) {
        this.plug = plug;
        this.directory = directory;
        this.script = script;
        this.oracle = new Oracle(script);
    }

    /** Runs the script to its end and closes. Each call is started and acknowledged in the recording. */
    Recording record(long seed, DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(seed, model);
        makeDurable(on(disk).getParent());
        try (WholeStorage storage = openFirst(disk)) {
            Model reference = new Model();
            for (int i = 1; i <= script.size(); i++) {
                disk.started(i);
                Call call = Rebase.resolve(script.get(i - 1), reference);
                if (call != null) {
                    call.on(storage);
                    call.on(reference);
                }
                disk.acknowledged(i);
            }
        }
        checkThatItUses(disk);
        return disk.recording();
    }

    private static void makeDurable(@Nullable Path made) throws IOException {
        if (made != null) {
            Files.createDirectories(made);
            makeDurable(made.getParent());
            StableFile.forceDirectory(made);
        }
    }

    private WholeStorage openFirst(SimulatedDisk disk) throws IOException {
        try {
            return WholeStorage.open(plug, on(disk));
        } catch (IOException e) {
            throw new NotRun("the backend can not be opened on a simulated disk: " + e.getMessage(), e);
        }
    }

    private void checkThatItUses(SimulatedDisk disk) throws IOException {
        if (Trees.bytes(on(disk).resolve("data")) == 0) {
            throw new NotRun("the backend does not use the file system of the path that it is given,"
                    + " so a simulated disk sees nothing of it");
        }
    }

    /**
     * Recovers from what a crash left, compares with the states that are allowed, and sees whether work can go on: an
     * entry more in every group, and one more recovery.
     */
    CrashCheck check() {
        return image -> {
            Picture found;
            Picture gone;
            try (WholeStorage storage = WholeStorage.open(plug, on(image))) {
                found = storage.picture();
                GoOn.withOneEntryEach(storage.storage());
                gone = storage.picture();
            }
            try (WholeStorage storage = WholeStorage.open(plug, on(image))) {
                Picture.Difference difference = gone.differenceTo(storage.picture());
                Check.that(
                        difference == null,
                        () -> "after recovery, one more entry in each group and a reopen, "
                                + (difference == null ? "" : difference.text()));
            }
            return (acknowledged, started) -> {
                Oracle.Verdict verdict = oracle.judge(found, acknowledged, started);
                Check.that(
                        verdict.calls().isPresent(),
                        () -> "the recovered state is none that is allowed:\n" + verdict.text());
            };
        };
    }

    /**
     * What was found after a kill.
     *
     * @param reported what the storage said it holds
     * @param recording of the disk up to there, the killed process included
     */
    record Recovery(Picture reported, Recording recording) {}

    /** Opens the storage on a disk whose last user was killed, and looks at it. */
    Recovery recover(SimulatedDisk disk) throws IOException {
        makeDurable(on(disk).getParent());
        try (WholeStorage storage = WholeStorage.open(plug, on(disk))) {
            return new Recovery(storage.picture(), disk.recording());
        }
    }

    /** Recovers once more: the state must be the one that was reported before. */
    CrashCheck sameAs(Picture reported) {
        return image -> {
            Picture found;
            try (WholeStorage storage = WholeStorage.open(plug, on(image))) {
                found = storage.picture();
            }
            Picture.Difference difference = Oracle.crashDifference(reported, found);
            return (acknowledged, started) -> Check.that(
                    difference == null,
                    () -> "a recovery reported one state, and the next one after a power cut another: "
                            + (difference == null ? "" : difference.text()));
        };
    }

    /** The storage's directory on this disk. */
    Path on(SimulatedDisk disk) {
        return disk.root().resolve(directory.toString().substring(1)).resolve("storage");
    }

    Plug plug() {
        return plug;
    }
}
