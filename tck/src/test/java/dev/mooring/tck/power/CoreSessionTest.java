// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Payloads;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoreSessionTest {

    /**
     * RaftGroup.sync: a commit index alone is worth no sync. The storage's own thread, with a release to tell, may write a save
     * in two; a commit index raised after the first half would then not be durable when the save returns.
     */
    @Test
    void theCommitIndexIsRaisedBeforeWhatIsWorthASync() {
        Model model = new Model();
        List<Entry> entries = Payloads.run("g", 0, 3, 1, 10, 1);
        model.saveEntries(1, List.of(new Update("g", null, entries, new HardState(1, null, 0), null)));
        ByteBuffer attachment = ByteBuffer.wrap(Payloads.bytes(1, 20));
        HardState raised = new HardState(1, null, 1);

        List<List<Update>> steps =
                CoreSession.acceptedBefore(List.of(new Update("g", 2L, List.of(), raised, attachment)), model);

        assertThat(steps)
                .containsExactly(
                        List.of(new Update("g", null, List.of(), raised, null)),
                        List.of(new Update("g", null, List.of(), raised, attachment)),
                        List.of(new Update("g", 2L, List.of(), raised, attachment)));
    }
}
