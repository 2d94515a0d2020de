// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** What something took, on the clock and of this process' processors. */
record Took(long wallNanos, long cpuNanos) {

    interface Work {
        void run() throws IOException;
    }

    static Took by(Work work) throws IOException {
        long cpu = processCpuNanos();
        long wall = System.nanoTime();
        work.run();
        return new Took(System.nanoTime() - wall, processCpuNanos() - cpu);
    }

    double seconds() {
        return wallNanos / 1e9;
    }

    static double medianSeconds(List<Took> all) {
        double[] seconds = all.stream().mapToDouble(Took::seconds).sorted().toArray();
        return seconds[seconds.length / 2];
    }

    /** Ratios of pairs measured one after the other, ascending. */
    static double[] ratios(List<Took> ours, List<Took> others, ToLongFunction<Took> of) {
        return IntStream.range(0, ours.size())
                .mapToDouble(i -> (double) of.applyAsLong(ours.get(i)) / of.applyAsLong(others.get(i)))
                .sorted()
                .toArray();
    }

    static double median(List<Took> ours, List<Took> others, ToLongFunction<Took> of) {
        double[] ratios = ratios(ours, others, of);
        return ratios[ratios.length / 2];
    }

    private static long processCpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
