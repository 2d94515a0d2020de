// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.reference.ReferenceProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the core says when it refuses a call is for the page of messages, too. */
final class TrespassesTest {

    @TempDir
    Path temporary;

    @Test
    void aRefusalIsHeard() throws Exception {
        Plug plug = new Plug(new ReferenceProvider(), Map.of("segment-bytes", "64KiB"));
        List<Throwable> heard = new ArrayList<>();
        try (WholeStorage storage = WholeStorage.open(plug, temporary.resolve("storage"))) {
            Model model = new Model();
            GroupState state = model.state("g");
            Trespasses.against(storage.storage().group("g"), state, model).tryOne(new Random(1), heard::add);
        }
        assertThat(heard).singleElement().isInstanceOf(IllegalArgumentException.class);
    }
}
