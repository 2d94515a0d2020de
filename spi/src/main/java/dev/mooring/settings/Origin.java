// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

/**
 * Where a value was written.
 *
 * @param layer which layer it belongs to; a later layer overrides an earlier one
 * @param place the place in words, such as {@code /etc/mooring.properties, line 3}
 */
public record Origin(Layer layer, String place) {

    /** The layers of a configuration, the weakest first. */
    public enum Layer {
        /** A properties file. */
        FILE,
        /** The environment of the process. */
        ENVIRONMENT,
        /** The system properties of the JVM. */
        SYSTEM_PROPERTIES,
        /** The program that uses Mooring. */
        PROGRAM
    }

    /** The origin of what the program itself sets. */
    public static final Origin PROGRAM = new Origin(Layer.PROGRAM, "set by the program");

    static Origin line(String file, int line) {
        return new Origin(Layer.FILE, file + ", line " + line);
    }

    static Origin variable(String name) {
        return new Origin(Layer.ENVIRONMENT, "environment variable " + name);
    }

    static Origin systemProperty(String name) {
        return new Origin(Layer.SYSTEM_PROPERTIES, "system property " + name);
    }

    @Override
    public String toString() {
        return place;
    }
}
