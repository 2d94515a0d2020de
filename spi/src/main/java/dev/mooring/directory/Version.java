// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build. From a resource: a manifest does not survive repackaging into one large jar. */
final class Version {

    private Version() {}

    static String current() {
        try (InputStream resource = Version.class.getResourceAsStream("build.properties")) {
            Properties properties = new Properties();
            if (resource != null) {
                properties.load(resource);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException("dev/mooring/directory/build.properties can not be read from the jar", e);
        }
    }
}
