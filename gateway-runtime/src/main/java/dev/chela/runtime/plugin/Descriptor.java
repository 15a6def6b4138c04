package dev.chela.runtime.plugin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;

import dev.chela.runtime.config.ConfigFile;

import org.jspecify.annotations.Nullable;

/// Who a plugin is, as its jar's manifest says.
///
/// @param requires the range of API versions it needs; empty for any
/// @param section the top-level section of the configuration that is its own; empty if there is none
/// @param onDemand whether it is only loaded when something is configured for it
record Descriptor(String id, String version, String requires, List<Dependency> dependencies, String description,
        String section, boolean onDemand) {

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final String NUMBER = "(?:0|[1-9][0-9]{0,8})";
    private static final Pattern VERSION = Pattern.compile(
            NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(-[0-9A-Za-z.-]{1,64})?(\\+[0-9A-Za-z.-]{1,64})?");
    private static final Pattern SECTION = Pattern.compile("[a-z][A-Za-z0-9]{0,63}");
    private static final int MAX_MANIFEST = 1 << 20;
    private static final int MAX_VALUE = 4000;

    /// Another plugin it needs.
    ///
    /// @param range of versions; empty for any
    /// @param optional whether it can do without
    record Dependency(String id, String range, boolean optional) {}

    /// Reads a jar's manifest.
    static Descriptor read(Path jar) throws PluginException {
        try (var file = new JarFile(jar.toFile(), false)) {
            ZipEntry entry = file.getEntry(JarFile.MANIFEST_NAME);
            if (entry == null) {
                throw new PluginException("it has no manifest");
            }
            byte[] text;
            try (InputStream in = file.getInputStream(entry)) {
                text = in.readNBytes(MAX_MANIFEST + 1);
            }
            if (text.length > MAX_MANIFEST) {
                throw new PluginException("its manifest is larger than " + MAX_MANIFEST + " bytes");
            }
            return of(new Manifest(new ByteArrayInputStream(text)).getMainAttributes());
        } catch (ZipException e) {
            throw new PluginException("it is not a zip file", e);
        } catch (IOException e) {
            throw new PluginException("it cannot be read: " + e.getMessage(), e);
        }
    }

    private static Descriptor of(Attributes manifest) throws PluginException {
        String id = required(manifest, "Plugin-Id", ID);
        String version = required(manifest, "Plugin-Version", VERSION);
        if (id.equals("core")) {
            throw new PluginException("its manifest says Plugin-Id: core, which is the gateway itself");
        } else if (manifest.getValue(Attributes.Name.CLASS_PATH) != null) {
            throw new PluginException("its manifest has a Class-Path; a plugin is one jar");
        }
        List<Dependency> dependencies = new ArrayList<>();
        for (String part : text(manifest, "Plugin-Dependencies").split(",", -1)) {
            if (!part.isBlank()) {
                dependencies.add(dependency(part.strip()));
            }
        }
        return new Descriptor(id, version, text(manifest, "Plugin-Requires"), dependencies,
                text(manifest, "Plugin-Description"), section(manifest), onDemand(manifest));
    }

    private static String section(Attributes manifest) throws PluginException {
        String name = text(manifest, "Plugin-Config");
        if (!name.isEmpty() && !SECTION.matcher(name).matches()) {
            throw new PluginException("its manifest says Plugin-Config: " + name + ", which must look like mySection");
        } else if (ConfigFile.isOwn(name)) {
            throw new PluginException("its manifest says Plugin-Config: " + name + ", which is the gateway's own");
        }
        return name;
    }

    private static boolean onDemand(Attributes manifest) throws PluginException {
        String when = text(manifest, "Plugin-Activation");
        if (!when.isEmpty() && !when.equals("config")) {
            throw new PluginException("its manifest says Plugin-Activation: " + when + ", which must be config");
        }
        return !when.isEmpty();
    }

    private static Dependency dependency(String text) throws PluginException {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        boolean optional = name.endsWith("?");
        String id = optional ? name.substring(0, name.length() - 1) : name;
        if (!ID.matcher(id).matches()) {
            throw new PluginException("its manifest names a dependency '" + text + "', which is no plugin id");
        }
        return new Dependency(id, at < 0 ? "" : text.substring(at + 1).strip(), optional);
    }

    private static String required(Attributes manifest, String name, Pattern form) throws PluginException {
        String value = text(manifest, name);
        if (value.isEmpty()) {
            throw new PluginException("its manifest has no " + name);
        } else if (!form.matcher(value).matches()) {
            throw new PluginException("its manifest says " + name + ": " + value + ", which must look like "
                    + (form == ID ? "my-plugin" : "1.2.3"));
        }
        return value;
    }

    private static String text(Attributes manifest, String name) throws PluginException {
        @Nullable
        String value = manifest.getValue(name);
        if (value != null && value.length() > MAX_VALUE) {
            throw new PluginException("its manifest has more than " + MAX_VALUE + " characters in " + name);
        }
        return value == null ? "" : value.strip();
    }
}
