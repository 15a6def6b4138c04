package dev.chela.runtime.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Makes plugin jars out of source text.
public final class PluginJar {

    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    private PluginJar(String id) {
        manifest.put("Plugin-Id", id);
        manifest.put("Plugin-Version", "1.0.0");
        manifest.put("Plugin-Requires", ">=0.1.0 & <1.0.0");
    }

    /// A jar with nothing but its manifest.
    public static PluginJar named(String id) {
        return new PluginJar(id);
    }

    /// A jar whose plugin has that body; everything of the API is imported.
    public static PluginJar of(String id, String body) {
        String className = "Plugin" + id.replaceAll("[^A-Za-z0-9]", "");
        return new PluginJar(id).entry("test." + className).source("test." + className, """
                package test;
                import dev.chela.api.*;
                import dev.chela.api.agent.*;
                import dev.chela.api.channel.*;
                import dev.chela.api.event.*;
                import dev.chela.api.hook.*;
                import dev.chela.api.http.*;
                import dev.chela.api.json.*;
                import dev.chela.api.rpc.*;
                import java.util.*;
                import java.nio.file.*;
                public final class %s implements GatewayPlugin {
                    %s
                }
                """.formatted(className, body));
    }

    /// A jar whose plugin registers these things and has nothing else.
    public static PluginJar registering(String id, String statements) {
        return of(id, "@Override public void register(Registrar r) throws Exception { " + statements + " }");
    }

    /// Sets a line of the manifest; an empty value removes it.
    public PluginJar manifest(String name, String value) {
        manifest.put(name, value);
        manifest.values().removeIf(String::isEmpty);
        return this;
    }

    /// Names the entry class.
    public PluginJar entry(String className) {
        return file("META-INF/services/dev.chela.api.GatewayPlugin", className + "\n");
    }

    /// Adds a text file.
    public PluginJar file(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// Removes a file.
    public PluginJar without(String name) {
        entries.remove(name);
        return this;
    }

    /// Compiles a class into the jar.
    public PluginJar source(String className, String source) {
        compile(className, source).forEach((name, bytes) -> entries.put(name.replace('.', '/') + ".class", bytes));
        return this;
    }

    /// Marks all classes as compiled for a version of Java.
    public PluginJar ofJava(int version) {
        entries.forEach((name, bytes) -> {
            if (name.endsWith(".class")) {
                bytes[6] = 0;
                bytes[7] = (byte) version;
            }
        });
        return this;
    }

    /// Writes the jar.
    public Path writeTo(Path folder, String fileName) {
        try {
            Files.createDirectories(folder);
            Path jar = folder.resolve(fileName);
            var attributes = new Manifest();
            attributes.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.forEach(attributes.getMainAttributes()::putValue);
            try (var out = new JarOutputStream(Files.newOutputStream(jar), attributes)) {
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    out.putNextEntry(new ZipEntry(entry.getKey()));
                    out.write(entry.getValue());
                }
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, byte[]> compile(String className, String source) {
        Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new DiagnosticCollector<JavaFileObject>();
        StandardJavaFileManager standard = compiler.getStandardFileManager(problems, null, StandardCharsets.UTF_8);
        try (JavaFileManager files = new Memory(standard, classes)) {
            var unit = new SimpleJavaFileObject(URI.create("mem:///" + className.replace('.', '/') + ".java"),
                    JavaFileObject.Kind.SOURCE) {
                @Override
                public CharSequence getCharContent(boolean ignoreErrors) {
                    return source;
                }
            };
            boolean compiled = compiler.getTask(null, files, problems,
                    List.of("--release", "17", "-proc:none", "-Xlint:none"), null, List.of(unit)).call();
            if (!compiled) {
                throw new IllegalArgumentException(problems.getDiagnostics() + "\n" + source);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        classes.forEach((name, out) -> bytes.put(name, out.toByteArray()));
        return bytes;
    }

    /// Keeps compiled classes in memory.
    private static final class Memory extends ForwardingJavaFileManager<StandardJavaFileManager> {

        private final Map<String, ByteArrayOutputStream> classes;

        Memory(StandardJavaFileManager standard, Map<String, ByteArrayOutputStream> classes) {
            super(standard);
            this.classes = classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String className, JavaFileObject.Kind kind,
                FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + className + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    var out = new ByteArrayOutputStream();
                    classes.put(className, out);
                    return out;
                }
            };
        }
    }
}
