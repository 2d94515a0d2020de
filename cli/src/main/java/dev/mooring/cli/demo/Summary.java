// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static dev.mooring.cli.terminal.Screen.count;
import static dev.mooring.cli.terminal.Screen.seconds;
import static dev.mooring.cli.terminal.Screen.size;

import dev.mooring.cli.demo.Loader.Acknowledgement;
import dev.mooring.cli.terminal.Screen;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the demonstration measured and found, collected on the way and printed at its end. */
final class Summary {

    private final Map<String, Comparison> found = new TreeMap<>();
    private final Map<String, Long> bytesOnDisk = new TreeMap<>();
    private final Map<String, Long> recoveryNanos = new LinkedHashMap<>();
    private boolean sameEverywhere;
    private int acknowledged;
    private long loadStart;
    private long loadNanos;
    private int undisturbedLines;
    private long undisturbedNanos;

    void loadStarted() {
        loadStart = System.nanoTime();
    }

    /** The moment until which all servers were well. */
    void undisturbed(Acknowledgement last) {
        undisturbedLines = last.acknowledged();
        undisturbedNanos = last.nanos() - loadStart;
    }

    void loaded(int lines) {
        acknowledged = lines;
        loadNanos = System.nanoTime() - loadStart;
    }

    void recovered(String what, long nanos) {
        recoveryNanos.put(what, nanos);
    }

    void found(String id, Comparison comparison) {
        found.put(id, comparison);
    }

    void sameEverywhere(boolean same) {
        sameEverywhere = same;
    }

    void onDisk(String id, long bytes) {
        bytesOnDisk.put(id, bytes);
    }

    /** Prints it all, and answers whether nothing that was acknowledged is missing or different anywhere. */
    boolean print(Screen screen, Text text) {
        screen.line("");
        screen.heading("Summary");
        row(screen, "acknowledged", count(acknowledged) + " of " + count(text.lastLine()) + " lines");
        found.forEach((id, comparison) -> row(
                screen,
                "found on " + id,
                count(comparison.found()) + " lines as in the text; missing " + count(comparison.missing())
                        + ", different " + count(comparison.different()) + ", not in the text "
                        + count(comparison.foreign())));
        row(
                screen,
                "throughput",
                perSecond(undisturbedLines, undisturbedNanos) + " lines/s until the first kill, "
                        + perSecond(acknowledged, loadNanos) + " lines/s over all " + seconds(loadNanos));
        String label = "recovery";
        for (Map.Entry<String, Long> recovery : recoveryNanos.entrySet()) {
            row(screen, label, seconds(recovery.getValue()) + "  " + recovery.getKey());
            label = "";
        }
        label = "on disk";
        for (Map.Entry<String, Long> bytes : bytesOnDisk.entrySet()) {
            row(screen, label, size(bytes.getValue()) + " in the directory of " + bytes.getKey());
            label = "";
        }
        return verdict(screen, text);
    }

    private boolean verdict(Screen screen, Text text) {
        for (Map.Entry<String, Comparison> server : found.entrySet()) {
            if (!server.getValue().isGood()) {
                screen.bad("FAILED: " + server.getKey() + " does not hold what was acknowledged, beginning with line "
                        + server.getValue().firstWrong());
                return false;
            }
        }
        if (!sameEverywhere) {
            screen.bad("FAILED: the three servers do not hold the same");
            return false;
        }
        if (acknowledged < text.lastLine()) {
            screen.bad("FAILED: only " + count(acknowledged) + " of " + count(text.lastLine())
                    + " lines were acknowledged");
            return false;
        }
        screen.good("OK: every acknowledged line is on all three servers, and they hold the same.");
        return true;
    }

    private static void row(Screen screen, String label, String value) {
        screen.line(String.format(Locale.ROOT, "   %-13s %s", label, value));
    }

    private static String perSecond(int lines, long nanos) {
        return count(Math.round(lines * 1e9 / Math.max(1, nanos)));
    }
}
