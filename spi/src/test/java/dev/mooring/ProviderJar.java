// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** A real jar with providers in it, compiled on the spot. */
final class ProviderJar {

    private static final String SERVICE_FILE = "META-INF/services/" + StorageProvider.class.getName();

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final List<String> registered = new ArrayList<>();
    private final List<String> omitted = new ArrayList<>();
    private String version = "";

    /** A provider as it should be: {@code name} gives power loss durability and has the option {@code segment-bytes}. */
    static ProviderJar of(String className, String name) {
        return new ProviderJar().provider(className, name);
    }

    static ProviderJar empty() {
        return new ProviderJar();
    }

    ProviderJar provider(String className, String name) {
        return source(className, providerSource(className, "return \"" + name + "\";", "", ""))
                .registers(className);
    }

    /** A provider with another body of {@code name()}, more members, and more in its constructor. */
    ProviderJar provider(String className, String nameBody, String constructorBody, String members) {
        return source(className, providerSource(className, nameBody, constructorBody, members))
                .registers(className);
    }

    ProviderJar source(String className, String source) {
        sources.put(className, source);
        return this;
    }

    String sourceOf(String className) {
        return sources.get(className);
    }

    ProviderJar registers(String line) {
        registered.add(line);
        return this;
    }

    /** Compiles the class but leaves it out of the jar. */
    ProviderJar without(String className) {
        omitted.add(className);
        return this;
    }

    ProviderJar version(String version) {
        this.version = version;
        return this;
    }

    /** Compiles and writes the jar. */
    Path write(Path jar) throws IOException {
        Path work = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "classes");
        compile(work);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (!version.isEmpty()) {
            manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                Stream<Path> classes = Files.walk(work.resolve("out"))) {
            for (Path file : classes.filter(Files::isRegularFile).toList()) {
                String entry = work.resolve("out").relativize(file).toString().replace('\\', '/');
                if (!omitted.contains(entry.replace(".class", "").replace('/', '.'))) {
                    out.putNextEntry(new JarEntry(entry));
                    out.write(Files.readAllBytes(file));
                }
            }
            if (!registered.isEmpty()) {
                out.putNextEntry(new JarEntry(SERVICE_FILE));
                out.write(String.join("\n", registered).getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar.toRealPath();
    }

    /** Lays the contents of a jar out in a directory. */
    static void unpack(Path jar, Path directory) throws IOException {
        try (FileSystem contents = FileSystems.newFileSystem(jar)) {
            copy(contents.getPath("/"), directory);
        }
    }

    /** Copies the classes of Mooring itself. */
    static void copyOfSpi(Path directory) throws IOException {
        copy(spi(), directory);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private void compile(Path work) throws IOException {
        Path out = Files.createDirectory(work.resolve("out"));
        if (sources.isEmpty()) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none",
                "--release",
                "17",
                "-d",
                out.toString(),
                sources.containsKey("module-info") ? "-p" : "-cp",
                spi().toString()));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = work.resolve("src/" + source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, source.getValue());
            arguments.add(file.toString());
        }
        StringWriter messages = new StringWriter();
        PrintWriter writer = new PrintWriter(messages);
        int status =
                ToolProvider.findFirst("javac").orElseThrow().run(writer, writer, arguments.toArray(new String[0]));
        if (status != 0) {
            throw new AssertionError(arguments + "\n" + messages);
        }
    }

    /** Where the classes of Mooring itself are. */
    static Path spi() {
        try {
            return Path.of(StorageProvider.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static String providerSource(String className, String nameBody, String constructorBody, String members) {
        int dot = className.lastIndexOf('.');
        String simpleName = className.substring(dot + 1);
        return """
                package PACKAGE;
                import dev.mooring.spi.*;
                import java.util.List;
                public class NAME implements StorageProvider {
                    public NAME() { CONSTRUCTOR }
                    MEMBERS
                    @Override public String name() { NAME_BODY }
                    @Override public List<Option> options() {
                        return List.of(
                            Option.number("segment-bytes", 1024, "bytes", 512, 1 << 30, "size of a segment"),
                            Option.flag("direct", "false", "bypasses the page cache"),
                            Option.choice("sync", "always", List.of("always", "never"), "never loses data"));
                    }
                    @Override public Guarantees guarantees(Options options) {
                        return new Guarantees(options.text("sync").equals("always")
                            ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, true);
                    }
                    @Override public StorageBackend open(BackendContext context) {
                        throw new UnsupportedOperationException();
                    }
                }
                """.replace("PACKAGE", className.substring(0, dot))
                .replace("NAME_BODY", nameBody)
                .replace("CONSTRUCTOR", constructorBody)
                .replace("MEMBERS", members)
                .replace("NAME", simpleName);
    }
}
