// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Here, for the API's own module does not read what the JDK says of its memory. */
final class StableFileMemoryTest {

    @TempDir
    Path directory;

    /** The JDK copies what is on the heap through a direct buffer as large, and keeps that as long as the thread lives. */
    @Test
    void aLargeBufferLeavesNoMemoryBehind() throws IOException {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        long before = direct.getMemoryUsed();
        byte[] bytes = new byte[16 << 20];
        Arrays.fill(bytes, (byte) 7);
        try (StableFile file = StableFile.open(
                directory.resolve("f"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), 3);
            ByteBuffer found = ByteBuffer.allocate(bytes.length);
            file.readFully(found, 3);
            assertThat(found.array()).isEqualTo(bytes);
        }
        assertThat(direct.getMemoryUsed() - before).isLessThan(2 << 20);
    }
}
