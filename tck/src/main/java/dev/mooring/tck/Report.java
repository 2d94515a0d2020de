// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Guarantees;
import dev.mooring.tck.disk.DiskModel;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run found out about one backend, for a reader at a terminal, for a page and for a program.
 *
 * @param backend its name
 * @param facts versions, options, claims, seed and machine, in the order of printing
 * @param results one result for every rule
 * @param explored what was explored on simulated disks
 * @param killed what was killed at system calls
 * @param messages what the storage said when something was wrong
 * @param seconds how long the run took
 */
record Report(
        String backend,
        Map<String, String> facts,
        Map<Rule, Results.Result> results,
        List<Explored> explored,
        List<Killed> killed,
        Messages messages,
        double seconds) {

    static Report of(Class<?> kit, Results results) throws IOException {
        StorageTck instance = instance(kit);
        Map<String, String> facts = new LinkedHashMap<>();
        String backend = kit.getSimpleName();
        facts.put("kit", version(StorageTck.class));
        if (instance != null) {
            Plug plug = instance.plug();
            Guarantees guarantees = plug.guarantees();
            backend = plug.provider().name();
            facts.put("provider", plug.provider().getClass().getName());
            facts.put("provider version", version(plug.provider().getClass()));
            facts.put("options", plug.options().toString());
            facts.put(
                    "claims",
                    guarantees.durability()
                            + (guarantees.checksummedStructures()
                                    ? ", checksummed structures"
                                    : ", no checksums in its own structures"));
        }
        Settings settings = Settings.current();
        facts.put("seed", Long.toString(settings.seed()));
        facts.put("effort", settings.effort().toString());
        facts.put("Java", System.getProperty("java.runtime.version", ""));
        facts.put(
                "system",
                System.getProperty("os.name", "") + " " + System.getProperty("os.version", "") + " "
                        + System.getProperty("os.arch", ""));
        facts.put("file system", fileSystem(settings.work()));
        return new Report(
                backend,
                facts,
                results.all(),
                results.explored(),
                results.killed(),
                results.messages(),
                results.seconds());
    }

    void printTo(PrintStream out) {
        StringBuilder text = new StringBuilder();
        text.append("Raft storage compatibility: backend '").append(backend).append("', ");
        text.append(facts.get("system"))
                .append(", Java ")
                .append(facts.get("Java"))
                .append('\n');
        results.forEach((rule, result) -> {
            text.append(String.format(Locale.ROOT, "  %-11s %-9s ", result.status(), rule.id()));
            if (result.status() == Status.HELD) {
                text.append(rule.text()).append('\n');
            } else if (result.status() == Status.BROKEN) {
                text.append(rule.text()).append('\n');
                result.reasons()
                        .forEach(reason -> text.append("    Observed: ")
                                .append(indented(reason))
                                .append('\n'));
                text.append("    Source: ").append(rule.source()).append('\n');
            } else {
                text.append(String.join("; ", result.reasons())).append('\n');
            }
        });
        perModel().forEach(sum -> text.append("  Power cuts, ").append(sum).append('\n'));
        if (!killed.isEmpty()) {
            text.append("  Killed at system calls, ")
                    .append(Killed.text(killed))
                    .append('\n');
        }
        text.append(summary()).append(", seed ").append(facts.get("seed")).append('\n');
        out.print(text);
        out.flush();
    }

    /** Writes {@code mooring-tck-<backend>.json}, {@code .md} and {@code -messages.md}. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("mooring-tck-" + backend + ".json"), json());
        Files.writeString(directory.resolve("mooring-tck-" + backend + ".md"), markdown());
        Files.writeString(directory.resolve("mooring-tck-" + backend + "-messages.md"), messages.page(backend));
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "%d rules held, %d broken, %d not claimed, %d not run, in %.1f s",
                count(Status.HELD),
                count(Status.BROKEN),
                count(Status.NOT_CLAIMED),
                count(Status.NOT_RUN),
                seconds);
    }

    private List<Explored> perModel() {
        return Arrays.stream(DiskModel.values())
                .map(model -> Explored.sum(model, explored))
                .filter(sum -> sum.states() > 0)
                .toList();
    }

    private long count(Status status) {
        return results.values().stream().filter(r -> r.status() == status).count();
    }

    private String json() {
        List<String> rules = new ArrayList<>();
        results.forEach((rule, result) -> rules.add("    {" + Json.field("rule", rule.id()) + ", "
                + Json.field("status", result.status().words()) + ", \"checks\": " + result.checks() + ", "
                + Json.field("text", rule.text()) + ", \"reasons\": " + Json.array(result.reasons()) + "}"));
        List<String> about = new ArrayList<>();
        facts.forEach((name, value) -> about.add("    " + Json.field(name, value)));
        return "{\n  " + Json.field("backend", backend) + ",\n  \"facts\": {\n" + String.join(",\n", about)
                + "\n  },\n  " + Json.field("summary", summary()) + ",\n  \"powerCuts\": [\n"
                + String.join(
                        ",\n",
                        explored.stream().map(each -> "    " + each.json()).toList())
                + "\n  ],\n  \"systemCallKills\": [\n"
                + String.join(
                        ",\n", killed.stream().map(each -> "    " + each.json()).toList())
                + "\n  ],\n  \"rules\": [\n" + String.join(",\n", rules)
                + "\n  ]\n}\n";
    }

    private String markdown() {
        StringBuilder page = new StringBuilder();
        page.append("# Compatibility of the backend `").append(backend).append("`\n\n");
        page.append(summary()).append(".\n\n| | |\n|---|---|\n");
        facts.forEach((name, value) ->
                page.append("| ").append(name).append(" | ").append(cell(value)).append(" |\n"));
        page.append("\n| Rule | Status | |\n|---|---|---|\n");
        results.forEach((rule, result) -> page.append("| ")
                .append(rule.id())
                .append(" | ")
                .append(
                        result.status() == Status.BROKEN
                                ? "**broken**"
                                : result.status().words())
                .append(" | ")
                .append(cell(result.status() == Status.HELD ? rule.text() : String.join("; ", result.reasons())))
                .append(" |\n"));
        if (!explored.isEmpty()) {
            page.append("\nPower cuts on a simulated disk:\n\n");
            explored.forEach(each -> page.append("- ").append(each).append('\n'));
            perModel().forEach(sum -> page.append("- ").append(sum).append('\n'));
        }
        if (!killed.isEmpty()) {
            page.append("\nProcesses killed at system calls, ")
                    .append(Killed.text(killed))
                    .append(".\n");
        }
        page.append(
                "\nHeld means: every check of the rule ran and found nothing. It does not prove the absence of faults.\n");
        return page.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", "<br>");
    }

    private static String indented(String text) {
        return text.replace("\n", "\n      ");
    }

    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "not packaged" : version;
    }

    private static String fileSystem(Path work) {
        Path existing = work.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            return existing == null ? "unknown" : Files.getFileStore(existing).type() + " at " + existing;
        } catch (IOException e) {
            return "unknown (" + e.getMessage() + ") at " + existing;
        }
    }

    /** The author's class once more, to ask for the provider; null if only JUnit can make one. */
    private static @Nullable StorageTck instance(Class<?> kit) {
        try {
            Constructor<?> constructor = kit.getDeclaredConstructor();
            constructor.setAccessible(true);
            return (StorageTck) constructor.newInstance();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
