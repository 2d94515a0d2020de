// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.Set;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the kit without code.
 *
 * <pre>
 * java -jar mooring-tck-all.jar my-backend.jar its-library.jar --backend my-backend --option segment-bytes=64KiB
 * </pre>
 *
 * <p>Jars are put on the class path of a JVM of their own, where the children that the crash rules kill find them too.
 * Further options: {@code --seed N}, {@code --rules LOG,CRASH-1}, {@code --quick}, {@code --exhaustive}, {@code --directory DIR}
 * for data, {@code --report DIR}, {@code --help}. {@code --rules POWER-CUTS} chooses the crash states on a simulated disk and nothing
 * else; an exhaustive run says every ten seconds how far it is with them. The exit status is 0 if no rule was found broken, 1
 * if one was, 2 if the kit could not be run.
 */
public final class Main {

    private static final int FOUND_BROKEN = 1;
    private static final int NOT_RUN = 2;
    static final String POWER_CUTS = "POWER-CUTS";
    private static final String USAGE = """
            usage: java -jar mooring-tck-all.jar [JAR...] --backend NAME [--option NAME=VALUE]... [--seed N]
                   [--rules RULE-OR-FAMILY,...] [--quick | --exhaustive] [--directory DIR] [--report DIR]

              JAR            what the backend consists of: its jar and those that it needs
              --backend      name of the backend to check
              --option       an option of the backend, without 'mooring.<backend>.'; may be repeated
              --seed         number that repeats a run
              --rules        rules and families to check, such as LOG,CRASH-1, or POWER-CUTS; all of them if it is left away
              --quick        every check, but a quarter of the random cases and an eighth of the crash states
              --exhaustive   ten times as many random cases, and forty times as many crash states
              --directory    where data directories are made; choose a real disk
              --report       where the report goes: a directory, or 'none'

            exit status: 0 no rule was found broken, 1 one was, 2 the kit could not be run""";

    private Main() {}

    /**
     * Runs the rules and ends the process, with status 0 if all that apply hold.
     *
     * @param arguments of the command line, as {@code --help} explains them
     * @throws IOException if the report can not be written
     * @throws InterruptedException if this thread is interrupted while it waits for a child
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) throws IOException, InterruptedException {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.println(USAGE);
            return 0;
        }
        Arguments parsed;
        try {
            parsed = Arguments.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + " (--help shows what can be written)");
            return NOT_RUN;
        }
        if (!parsed.jars().isEmpty()) {
            return restart(parsed);
        }
        parsed.properties().forEach(System::setProperty);
        try {
            new ConfiguredTck().plug().guarantees();
        } catch (IllegalArgumentException | ServiceConfigurationError | StorageException e) {
            System.err.println(e.getMessage());
            return NOT_RUN;
        }
        return check(parsed.rules());
    }

    private static int restart(Arguments arguments) throws IOException, InterruptedException {
        StringBuilder classPath = new StringBuilder(Fork.classPath());
        for (String jar : arguments.jars()) {
            Path path = Path.of(jar).toAbsolutePath();
            if (!Files.exists(path)) {
                System.err.println(jar + " does not exist");
                return NOT_RUN;
            }
            classPath.append(File.pathSeparator).append(path);
        }
        List<String> command = new ArrayList<>(List.of(Fork.java(), "-cp", classPath.toString()));
        command.addAll(Fork.inheritedFlags());
        command.add(Main.class.getName());
        command.addAll(arguments.withoutJars());
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static int check(Set<String> rules) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        DiscoverySelector all = DiscoverySelectors.selectClass(ConfiguredTck.class);
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(all)
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(!test.isTest()
                        || rules.isEmpty()
                        || test.getSource()
                                .filter(MethodSource.class::isInstance)
                                .map(source -> isChosen((MethodSource) source, rules))
                                .orElse(false)))
                .build();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        if (summary.getTestsFoundCount() == 0) {
            System.err.println("--rules " + String.join(",", rules) + " chooses no check");
            return NOT_RUN;
        }
        for (TestExecutionSummary.Failure failure : summary.getFailures()) {
            if (!(failure.getException() instanceof RuleViolation)) {
                // not a check, so not in the report
                System.err.println(failure.getTestIdentifier().getDisplayName() + " failed:");
                failure.getException().printStackTrace();
            }
        }
        return summary.getTotalFailureCount() == 0 ? 0 : FOUND_BROKEN;
    }

    private static boolean isChosen(MethodSource source, Set<String> rules) {
        Method check = source.getJavaMethod();
        Verifies verifies = check.getAnnotation(Verifies.class);
        return verifies != null
                && ((rules.contains(POWER_CUTS) && check.getDeclaringClass() == PowerCutRules.class)
                        || rules.contains(verifies.value().id())
                        || rules.contains(verifies.value().family()));
    }
}
