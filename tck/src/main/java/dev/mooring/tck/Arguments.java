// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What was written on the command line.
 *
 * @param jars to put on the class path
 * @param properties settings, as system properties
 * @param rules numbers and families of the rules to check; empty for all
 * @param withoutJars the arguments again, all but the jars
 */
record Arguments(List<String> jars, Map<String, String> properties, Set<String> rules, List<String> withoutJars) {

    static Arguments parse(List<String> arguments) {
        Arguments parsed =
                new Arguments(new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashSet<>(), new ArrayList<>());
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            parsed.take(rest.next(), rest);
        }
        if (!parsed.properties.containsKey(ConfiguredTck.BACKEND)) {
            throw new IllegalArgumentException("--backend is missing: which backend is to be checked?");
        }
        if (parsed.properties.containsKey(Settings.QUICK) && parsed.properties.containsKey(Settings.EXHAUSTIVE)) {
            throw new IllegalArgumentException("--quick and --exhaustive: a run is one or the other");
        }
        return parsed;
    }

    private void take(String argument, Iterator<String> rest) {
        switch (argument) {
            case "--backend" -> properties.put(ConfiguredTck.BACKEND, value(argument, rest));
            case "--option" -> option(value(argument, rest));
            case "--seed" -> properties.put(Settings.SEED, number(value(argument, rest)));
            case "--rules" -> {
                for (String rule : value(argument, rest).split(",", -1)) {
                    rules.add(known(rule.trim().toUpperCase(Locale.ROOT)));
                }
            }
            case "--quick" -> flag(argument, Settings.QUICK);
            case "--exhaustive" -> flag(argument, Settings.EXHAUSTIVE);
            case "--directory" -> properties.put(Settings.DIRECTORY, value(argument, rest));
            case "--report" -> properties.put(Settings.REPORT, value(argument, rest));
            default -> {
                if (argument.startsWith("-")) {
                    throw new IllegalArgumentException("there is no option " + argument);
                }
                jars.add(argument);
            }
        }
    }

    private void flag(String argument, String property) {
        properties.put(property, "true");
        withoutJars.add(argument);
    }

    private void option(String option) {
        int equals = option.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--option " + option + " is not of the form NAME=VALUE");
        }
        properties.put(ConfiguredTck.OPTION + option.substring(0, equals), option.substring(equals + 1));
    }

    private static String known(String rule) {
        boolean isKnown = rule.equals(Main.POWER_CUTS)
                || Arrays.stream(Rule.values())
                        .anyMatch(
                                each -> each.id().equals(rule) || each.family().equals(rule));
        if (!isKnown) {
            throw new IllegalArgumentException(
                    "--rules " + rule + " chooses no check: write a family such as LOG, a rule such" + " as LOG-1, or "
                            + Main.POWER_CUTS);
        }
        return rule;
    }

    private static String number(String value) {
        try {
            return Long.toString(Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--seed " + value + " is not a whole number", e);
        }
    }

    private String value(String argument, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(argument + " needs a value");
        }
        String value = rest.next();
        withoutJars.add(argument);
        withoutJars.add(value);
        return value;
    }
}
