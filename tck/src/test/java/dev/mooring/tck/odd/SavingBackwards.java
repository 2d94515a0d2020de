// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@link Oddity#SAVES_GROUPS_BACKWARDS}. */
final class SavingBackwards extends Wrapper {

    SavingBackwards(StorageBackend wrapped) {
        super(wrapped);
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        List<Update> backwards = new ArrayList<>(updates);
        Collections.reverse(backwards);
        super.saveEntries(sequence, backwards);
    }
}
