// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy.custom;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** The jar of the backend {@code journal}. */
public final class JournalJar {

    private static final String SERVICE = "META-INF/services/dev.mooring.spi.StorageProvider";
    private static final List<String> CLASSES =
            List.of("JournalStorageProvider.class", "JournalBackend.class", "JournalBackend$Group.class");

    private JournalJar() {}

    public static Path write(Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (String name : CLASSES) {
                String folder = JournalJar.class.getPackageName().replace('.', '/');
                out.putNextEntry(new JarEntry(folder + "/" + name));
                try (InputStream in = Objects.requireNonNull(JournalJar.class.getResourceAsStream(name))) {
                    in.transferTo(out);
                }
            }
            out.putNextEntry(new JarEntry(SERVICE));
            out.write(JournalStorageProvider.class.getName().getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
