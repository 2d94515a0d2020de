// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.util.List;

/**
 * Goes on with a script from whatever state a crash has left.
 *
 * @param acknowledged calls that had returned before the crash
 * @param started calls that had been made before the crash
 */
record ScriptRun(List<Step> script, int acknowledged, int started) {

    /** Is told of every call. */
    interface Progress {
        /** What tells nobody. */
        Progress SILENT = new Progress() {};

        default void started(int call) throws IOException {}

        default void returned(int call) throws IOException {}
    }

    /**
     * Makes the calls up to {@code last} that the recovered state does not have.
     *
     * @return the model after them
     * @throws IllegalStateException if the recovered state is none that is allowed
     */
    Model goOn(WholeStorage storage, int last, Progress progress) throws IOException {
        Picture found = storage.picture();
        Oracle oracle = new Oracle(script);
        int calls = oracle.judge(found, acknowledged, started)
                .calls()
                .orElseThrow(() -> new IllegalStateException("the recovered state is none that is allowed"));
        Model model = oracle.modelAfter(calls);
        found.groups()
                .forEach((name, group) -> model.undoRelease(name, group.state().firstIndex()));
        for (int i = calls + 1; i <= Math.min(last, script.size()); i++) {
            progress.started(i);
            Call call = Rebase.resolve(script.get(i - 1), model);
            if (call != null) {
                call.on(storage);
                call.on(model);
            }
            progress.returned(i);
        }
        return model;
    }
}
