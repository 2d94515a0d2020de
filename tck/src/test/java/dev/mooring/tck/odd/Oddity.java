// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.ConfinedBackend;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.Rule;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What may be odd about a backend, why the contract allows it, and which rules a hasty check of it would find broken. */
public enum Oddity {
    /** Payloads are direct slices of one buffer that is overwritten for the next: they are valid until the visitor returns. */
    LENDS_ONE_BUFFER("LOG-1 LOG-4 READ MODEL"),
    /** A read takes everything first and visits what was there then; close and drop still wait for it. */
    READS_ALL_BEFORE_IT_VISITS("READ LIFE-3 GROUP-3"),
    /** All verbs run on one thread of its own, as {@link ConfinedBackend} offers. */
    RUNS_ON_ONE_THREAD("LIFE READ FAULT-2"),
    /** Has a thread of its own while it is open, which close ends. */
    KEEPS_HOUSE_IN_THE_BACKGROUND("LIFE PROV-2"),
    /** Releases are gathered, so that the space comes back late and a crash undoes many: a crash may, close may not. */
    RELEASES_LATE("REL SNAP CRASH-3 CRASH-4 MODEL"),
    /** After each change it writes and forces a file of its own, and forces the directory though nothing in it is new. */
    FORCES_MORE_THAN_IT_MUST("STATE-4 FAULT-1 FAULT-2 CRASH-5 LIFE-3"),
    /** There are files and directories in its own directory that no recovery needs, never forced, some rewritten at open. */
    KEEPS_FILES_THAT_IT_DOES_NOT_NEED("LIFE REL-3 CRASH-3 DAMAGE-1 DAMAGE-3"),
    /** Everything lies some levels below the directory that it is given. */
    LIVES_IN_A_SUBDIRECTORY("LIFE CRASH-3 CRASH-5 DAMAGE-3"),
    /** Touches nothing before load, so that open always succeeds and load says what is wrong; and it takes its time. */
    OPENS_IN_LOAD("LIFE FAULT-4 DAMAGE-2 DAMAGE-3"),
    /** Saves the groups of one update in the reverse order: the save is atomic, so that there is no order in it. */
    SAVES_GROUPS_BACKWARDS("GROUP LOG-7"),
    /** Its file grows to megabytes before it is rewritten: bounded, though for long nothing comes back. */
    GROWS_A_LARGE_FILE("REL-3"),
    /** Does not look at the sequence that it is given, for it is one above the last. */
    COUNTS_ITS_CHANGES("LIFE-1 LOG-7 REL-5 GROUP-3 MODEL"),
    /** A pool of the whole process, which no close ends, grows by one thread after some openings. */
    GROWS_A_POOL_OF_THE_PROCESS("LIFE-3"),
    /** Asks a file system late for what a simulated one does not have. */
    MAPS_A_FILE_AFTER_A_CRASH("LOG-1 CRASH-3 FAULT-1"),
    /** Reports after every unclean end that it has built something anew, also where nothing was damaged. */
    REPORTS_REPAIRS_OF_NO_IMPORTANCE("CRASH-3 DAMAGE-2");

    private final String touched; // families and rules

    Oddity(String touched) {
        this.touched = touched;
    }

    /** The rules of which a check may take offence; in an exhaustive run it must pass all. */
    public Set<Rule> rules() {
        List<String> names = List.of(touched.split(" "));
        Set<Rule> rules = EnumSet.noneOf(Rule.class);
        for (Rule rule : Rule.values()) {
            String family = rule.id().substring(0, rule.id().indexOf('-'));
            if (names.contains(rule.id()) || names.contains(family)) {
                rules.add(rule);
            }
        }
        return rules;
    }

    StorageBackend open(BackendContext context, Opening opening) throws IOException {
        return switch (this) {
            case LENDS_ONE_BUFFER -> new LendingOneBuffer(opening.open(context));
            case READS_ALL_BEFORE_IT_VISITS -> new ReadingAhead(opening.open(context));
            case RUNS_ON_ONE_THREAD -> ConfinedBackend.open("odd-backend", () -> opening.open(context));
            case KEEPS_HOUSE_IN_THE_BACKGROUND -> new Housekeeping(opening.open(context));
            case RELEASES_LATE -> new ReleasingLate(opening.open(context));
            case FORCES_MORE_THAN_IT_MUST -> ForcingMore.open(context, opening);
            case KEEPS_FILES_THAT_IT_DOES_NOT_NEED -> UnneededFiles.open(context, opening);
            case LIVES_IN_A_SUBDIRECTORY -> openBelow(context, opening);
            case OPENS_IN_LOAD -> new OpeningInLoad(context, opening);
            case SAVES_GROUPS_BACKWARDS -> new SavingBackwards(opening.open(context));
            case GROWS_A_LARGE_FILE -> openWithALargeFile(context, opening);
            case COUNTS_ITS_CHANGES -> new CountingChanges(opening.open(context));
            case GROWS_A_POOL_OF_THE_PROCESS -> new PoolOfTheProcess(opening.open(context));
            case MAPS_A_FILE_AFTER_A_CRASH -> new MappingAfterACrash(context, opening);
            case REPORTS_REPAIRS_OF_NO_IMPORTANCE -> openAndReport(context, opening);
        };
    }

    private static StorageBackend openBelow(BackendContext context, Opening opening) throws IOException {
        Path below = context.directory().resolve("some").resolve("levels").resolve("below");
        StableFile.createDirectories(below);
        return opening.open(new BackendContext(
                below,
                context.options(),
                context.storageId(),
                context.provenSequence(),
                context.endedCleanly(),
                context.repairs()));
    }

    private static StorageBackend openWithALargeFile(BackendContext context, Opening opening) throws IOException {
        StorageProvider reference = new ReferenceProvider();
        return opening.open(new BackendContext(
                context.directory(),
                Options.of(reference.name(), reference.options(), Map.of("segment-bytes", "4MiB")),
                context.storageId(),
                context.provenSequence(),
                context.endedCleanly(),
                context.repairs()));
    }

    private static StorageBackend openAndReport(BackendContext context, Opening opening) throws IOException {
        if (!context.endedCleanly()) {
            context.report(new Repair(context.directory().resolve("index"), 0, "the index was built anew"));
        }
        return opening.open(context);
    }
}
