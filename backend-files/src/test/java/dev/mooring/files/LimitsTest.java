// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the format can not hold is refused where it is written, not found damaged where it is read. */
class LimitsTest {

    @Test
    void aPlaceIsNeverCutToItsBits() {
        long last = Place.MAX_SEGMENT_BYTES - 1;
        assertThat(Place.offset(Place.of(Place.MAX_ORDINAL, last))).isEqualTo(last);
        assertThat(Place.ordinal(Place.of(Place.MAX_ORDINAL, last))).isEqualTo(Place.MAX_ORDINAL);
        assertThatThrownBy(() -> Place.of(1, last + 1)).hasMessageContaining("offset 2147483648 of segment 1");
        assertThatThrownBy(() -> Place.of(Place.MAX_ORDINAL + 1, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void segmentsGrowWithTheirCheckpointsNoFurtherThanAPlaceCanPoint() {
        assertThat(Housekeeper.segmentBytes(1 << 20, 3 << 20)).isEqualTo(12 << 20);
        assertThat(Housekeeper.segmentBytes(16 << 20, 100)).isEqualTo(16 << 20);
        assertThat(Housekeeper.segmentBytes(1 << 20, 700L << 20)).isEqualTo(Place.MAX_SEGMENT_BYTES);
    }

    @Test
    void aManifestThatNobodyWouldReadIsNotWritten() {
        Manifest.Released released = new Manifest.Released("a".repeat(64), 7);
        Manifest manifest =
                new Manifest(new UUID(1, 2), 1, 1, 1, 0, 0, 0, List.of(), Collections.nCopies(4_000_000, released));
        assertThatThrownBy(() -> manifest.encode(Path.of("/data/MANIFEST")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining(Path.of("/data/MANIFEST") + " with the releases of 4000000 groups");
    }
}
