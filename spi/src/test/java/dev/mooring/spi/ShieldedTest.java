// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ShieldedTest {

    @Test // READ-3
    void anInterruptBeforeOrDuringTheCallDoesNotReachItAndIsNotLost() throws IOException {
        Thread caller = Thread.currentThread();
        Thread[] worker = {caller};
        caller.interrupt();
        boolean reached = Shielded.call("shielded", () -> {
            worker[0] = Thread.currentThread();
            caller.interrupt();
            return Thread.currentThread().isInterrupted();
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(reached).isFalse();
        assertThat(worker[0].getName()).isEqualTo("shielded");
        assertThat(worker[0].isAlive()).isFalse();
    }

    @Test
    void whatTheCallThrowsTheCallerGets() {
        for (Throwable thrown : new Throwable[] {
            new StorageException.Refused("no"), new IllegalStateException("no"), new UnsatisfiedLinkError("no")
        }) {
            assertThatThrownBy(() -> Shielded.call("shielded", () -> {
                        if (thrown instanceof Error error) {
                            throw error;
                        }
                        throw (Exception) thrown;
                    }))
                    .isSameAs(thrown);
        }
        InterruptedException checked = new InterruptedException();
        assertThatThrownBy(() -> Shielded.call("shielded", () -> {
                    throw checked;
                }))
                .isInstanceOf(IOException.class)
                .hasCause(checked);
        assertThat(Thread.interrupted()).isFalse();
    }
}
