// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a storage said when something was wrong, over all checks of one run, to be read through: messages that differ only
 * in names, numbers and paths are one. Safe for use by any thread.
 */
final class Messages {

    private final Map<String, Map<String, Said>> byKind = new TreeMap<>();

    /**
     * One message.
     *
     * @param text of the first time
     * @param times how often it was met
     */
    record Said(String text, int times) {}

    /** Keeps the message of an error that a check provoked and wanted. */
    synchronized void heard(Throwable error) {
        String text = error.getMessage() == null ? "(no message)" : error.getMessage();
        byKind.computeIfAbsent(error.getClass().getSimpleName(), first -> new TreeMap<>())
                .merge(shape(text), new Said(text, 1), (before, now) -> new Said(before.text(), before.times() + 1));
    }

    /** The message without what differs from one time to the next. */
    static String shape(String text) {
        return text.replaceAll("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "x") // ids of storages
                .replaceAll("'[^']*'", "'x'")
                .replaceAll("(?<![A-Za-z0-9])/[^ ,;:()]+", "/x")
                .replaceAll("\\b[0-9a-f]{8}\\b", "0")
                .replaceAll("[0-9][0-9,.]*", "0");
    }

    /** The page; kinds and messages in alphabetical order. */
    synchronized String page(String backend) {
        StringBuilder page = new StringBuilder("# What a storage on `" + backend + "` says when something is wrong\n\n"
                + "Every error that the checks of this run provoked, once: names, numbers and paths are those of the first\n"
                + "time.\n");
        byKind.forEach((kind, messages) -> {
            page.append("\n## ").append(kind).append("\n\n");
            messages.values()
                    .forEach(said -> page.append("- ")
                            .append(said.text().replace("\n", "\n  "))
                            .append(said.times() == 1 ? "" : " *(" + said.times() + " times)*")
                            .append('\n'));
        });
        return page.toString();
    }
}
