// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the checks of one run said, by rule. Safe for use by any thread. */
final class Results {

    // by the class that the author wrote: one run of it is one report
    private static final Map<Class<?>, Results> RUNS = new ConcurrentHashMap<>();

    private final Map<Rule, Result> results = new EnumMap<>(Rule.class);
    private final List<Explored> explored = new ArrayList<>();
    private final List<Killed> killed = new ArrayList<>();
    private final Messages messages = new Messages();
    private final long startNanos = System.nanoTime();

    /**
     * What is known of one rule.
     *
     * @param status the worst of its checks
     * @param reasons why it is not held: each once
     * @param checks how many checks of it have ended
     */
    record Result(Status status, Set<String> reasons, int checks) {
        Result {
            reasons = new LinkedHashSet<>(reasons);
        }
    }

    static Results of(Class<?> kit) {
        return RUNS.computeIfAbsent(kit, unused -> new Results());
    }

    /** Ends the run of this class: the next one begins anew. */
    static Results take(Class<?> kit) {
        Results results = RUNS.remove(kit);
        return results == null ? new Results() : results;
    }

    synchronized void add(Rule rule, Status status, String reason) {
        Result before = results.getOrDefault(rule, new Result(Status.HELD, Set.of(), 0));
        int worse = status.compareTo(before.status());
        Set<String> reasons = worse > 0 ? new LinkedHashSet<>() : new LinkedHashSet<>(before.reasons());
        if (worse >= 0 && !reason.isEmpty()) {
            reasons.add(reason);
        }
        results.put(rule, new Result(worse > 0 ? status : before.status(), reasons, before.checks() + 1));
    }

    synchronized void add(Explored what) {
        explored.add(what);
    }

    synchronized void add(Killed what) {
        killed.add(what);
    }

    /** What the storage said when something was wrong. */
    Messages messages() {
        return messages;
    }

    /** What was explored on simulated disks, check by check. */
    synchronized List<Explored> explored() {
        return List.copyOf(explored);
    }

    /** What was killed at system calls, check by check. */
    synchronized List<Killed> killed() {
        return List.copyOf(killed);
    }

    /** One result for every rule of the catalogue, also for those that no check has run of. */
    synchronized Map<Rule, Result> all() {
        Set<Rule> checked = Families.checkedRules();
        Map<Rule, Result> all = new EnumMap<>(Rule.class);
        for (Rule rule : Rule.values()) {
            String reason = checked.contains(rule)
                    ? "not run: none of its checks was chosen"
                    : "not run: this version of the kit has no check of it";
            all.put(rule, results.getOrDefault(rule, new Result(Status.NOT_RUN, Set.of(reason), 0)));
        }
        return all;
    }

    List<Rule> withStatus(Status status) {
        List<Rule> rules = new ArrayList<>();
        all().forEach((rule, result) -> {
            if (result.status() == status) {
                rules.add(rule);
            }
        });
        return rules;
    }

    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
