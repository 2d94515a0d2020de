// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A jar that somebody else made: compiled on the spot from text. */
final class SourceJar {

    private static final String SERVICE = "META-INF/services/dev.mooring.spi.StorageProvider";

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final List<String> providers = new ArrayList<>();

    /**
     * Adds a source file.
     *
     * @param name such as {@code a/B.java}
     */
    SourceJar source(String name, String text) {
        sources.put(name, text);
        return this;
    }

    /** Registers a provider for the class path, whether there is such a class or not. */
    SourceJar registers(String className) {
        providers.add(className);
        return this;
    }

    /**
     * Compiles and writes it.
     *
     * @param work directory for what is needed only meanwhile
     * @param options of the compiler, such as its class path
     */
    Path write(Path jar, Path work, String... options) throws IOException {
        Path classes = Files.createTempDirectory(work, "classes");
        if (!sources.isEmpty()) {
            compile(classes, options);
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
            if (!providers.isEmpty()) {
                out.putNextEntry(new JarEntry(SERVICE));
                out.write(String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private void compile(Path classes, String... options) {
        List<String> all = new ArrayList<>(List.of("-d", classes.toString(), "--release", "17", "-proc:none"));
        all.addAll(List.of(options));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<JavaFileObject> units =
                sources.entrySet().stream().map(SourceJar::unit).toList();
        if (!compiler.getTask(said, null, null, all, null, units).call()) {
            throw new AssertionError(said.toString());
        }
    }

    private static JavaFileObject unit(Map.Entry<String, String> source) {
        return new SimpleJavaFileObject(URI.create("text:///" + source.getKey()), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source.getValue();
            }
        };
    }
}
