// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Generates scripts: lists of steps drawn by a seed, the same for the same seed. */
public final class Script {

    /**
     * What a script is made of.
     *
     * @param groups names to choose from
     * @param groupsPerSave most groups in one save
     * @param largestPayloadBytes most payloads are far smaller, a few as large as this
     * @param reopens whether the storage is closed and opened in between
     * @param together whether all groups come into being in the first save
     */
    public record Shape(
            List<String> groups, int groupsPerSave, int largestPayloadBytes, boolean reopens, boolean together) {

        /** With groups that come into being one by one. */
        public Shape(List<String> groups, int groupsPerSave, int largestPayloadBytes, boolean reopens) {
            this(groups, groupsPerSave, largestPayloadBytes, reopens, false);
        }
    }

    // short and long names, one a prefix of another, two that differ in case only
    private static final List<String> GROUPS = List.of("a", "ab", "AB", "rid", "a-name.with_all-kinds.of_characters");
    private static final int CROWD = 24;
    private static final List<String> VOTES =
            List.of("n1", "n2", "", "knoten-\u00e4-\u65e5", "a-rather-long-name-of-a-candidate:7400");

    private final Random random;
    private final Shape shape;

    private Script(long seed, Shape shape) {
        this.random = new Random(seed);
        this.shape = shape;
    }

    /** Groups whose names are easily confused. */
    public static Shape shape(int largestPayloadBytes) {
        return new Shape(GROUPS, 3, largestPayloadBytes, true);
    }

    /**
     * So many groups with long names that what is known of them fills several sectors. They come into being in the first
     * save, all at once, and now and then many are saved together.
     */
    public static Shape crowd(int largestPayloadBytes) {
        List<String> groups = IntStream.range(0, CROWD)
                .mapToObj(i -> "a-group-with-a-name-that-is-rather-long-" + i)
                .toList();
        return new Shape(groups, CROWD, largestPayloadBytes, true, true);
    }

    /** A script of this many steps. */
    public static List<Step> generate(long seed, int steps, Shape shape) {
        Script script = new Script(seed, shape);
        List<Step> generated = new ArrayList<>(steps);
        if (shape.together()) {
            generated.add(script.saveOfAll());
        }
        while (generated.size() < steps) {
            generated.add(script.step());
        }
        return generated;
    }

    private Step step() {
        int die = random.nextInt(100);
        if (die < 72) {
            return save();
        } else if (die < 82) {
            Step.Where[] places = Step.Where.values();
            Step.Where where = random.nextInt(3) > 0 ? Step.Where.INSIDE : places[random.nextInt(places.length)];
            return new Step.Snapshot(group(), where, random.nextInt(8), random.nextInt(3) == 0 ? 1 : 0);
        } else if (die < 93) {
            return new Step.Release(group(), random.nextInt(4));
        } else if (die < 95) {
            return new Step.Drop(group());
        }
        return shape.reopens() ? new Step.Reopen() : save();
    }

    private Step save() {
        int parts = random.nextInt(4) == 0 ? 1 + random.nextInt(shape.groupsPerSave()) : 1;
        List<Step.Part> chosen = new ArrayList<>(parts);
        for (int i = 0; i < parts; i++) {
            chosen.add(part());
        }
        return new Step.Save(chosen);
    }

    private Step saveOfAll() {
        List<Step.Part> parts = new ArrayList<>();
        for (String group : shape.groups()) {
            parts.add(new Step.Part(group, 0, 1, 40, 1, "candidate-of-" + group, 0, 0));
        }
        return new Step.Save(parts);
    }

    private Step.Part part() {
        int back = random.nextInt(4) == 0 ? 1 + random.nextInt(10) : 0;
        int count = random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(random.nextInt(8) == 0 ? 40 : 5);
        int termUp = random.nextInt(5) == 0 ? 1 + random.nextInt(2) : 0;
        String vote = random.nextBoolean() ? VOTES.get(random.nextInt(VOTES.size())) : null;
        int attachmentBytes = random.nextInt(8) == 0 ? 1 + random.nextInt(300) : 0;
        // a commit index alone is worth no save of its own
        int commitUp = count > 0 || attachmentBytes > 0 ? random.nextInt(6) : 0;
        return new Step.Part(group(), back, count, payloadBytes(count), termUp, vote, commitUp, attachmentBytes);
    }

    private int payloadBytes(int count) {
        int die = random.nextInt(20);
        if (die == 0) {
            return 0;
        }
        int largest = die == 1 ? shape.largestPayloadBytes() : die < 5 ? shape.largestPayloadBytes() / 16 : 300;
        return 1 + random.nextInt(Math.max(1, largest / Math.max(1, count)));
    }

    private String group() {
        // the first groups more often, so that their logs grow
        return shape.groups()
                .get(Math.min(
                        random.nextInt(shape.groups().size()),
                        random.nextInt(shape.groups().size())));
    }
}
