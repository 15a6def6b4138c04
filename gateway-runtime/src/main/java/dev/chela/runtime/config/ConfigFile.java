package dev.chela.runtime.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonReader;
import dev.chela.runtime.json.JsonText;

/// The one file the configuration is in: found, read and checked, never changed.
public final class ConfigFile {

    /// The largest file read, in bytes.
    public static final int MAX_BYTES = 4 << 20;

    /// The names looked for in the state folder.
    static final String OWN_NAME = "chela.yaml";
    static final String ORIGINAL_NAME = "openclaw.json";

    private ConfigFile() {}

    /// Finds the file: the one named, else the one in the state folder.
    ///
    /// @param named by the command line or the environment; empty if by none
    /// @throws ConfigException if the state folder has both, or the named one is not there
    public static Path locate(String named, Path stateFolder) {
        if (!named.isEmpty()) {
            Path file = Path.of(named).toAbsolutePath().normalize();
            if (!Files.exists(file)) {
                throw new ConfigException("config " + file + " does not exist");
            }
            return file;
        }
        Path own = stateFolder.resolve(OWN_NAME);
        Path original = stateFolder.resolve(ORIGINAL_NAME);
        if (Files.exists(own) && Files.exists(original)) {
            throw new ConfigException(
                    "both " + own + " and " + original + " exist; keep one, or name one with --config");
        }
        return Files.exists(original) ? original : own;
    }

    /// Reads and checks a file; an absent one is an empty configuration.
    ///
    /// @param environment for `${VAR}`
    /// @param sections whether a top-level section belongs to a plugin; asked for names that are not the gateway's own
    /// @throws ConfigException saying everything that is wrong
    public static ConfigSnapshot read(Path file, Map<String, String> environment, Predicate<String> sections) {
        byte[] bytes;
        try {
            bytes = bytes(file);
        } catch (NoSuchFileException e) {
            return new ConfigSnapshot(file, false, "", new Json.Obj(Map.of()), Config.EMPTY, List.of());
        } catch (IOException e) {
            throw new ConfigException("config " + file + " cannot be read: " + e.getMessage());
        }
        Json source = parse(file, bytes);
        boolean foreign = !file.getFileName().toString().equals(OWN_NAME) && !isYaml(file);
        var reader = new ConfigReader(file, environment, foreign, sections);
        Config config = reader.read(source);
        return new ConfigSnapshot(file, true, hash(bytes), source, config, reader.warnings());
    }

    /// Whether a top-level section is the gateway's own.
    public static boolean isOwn(String section) {
        return ConfigReader.SHAPE.index().containsKey(section);
    }

    /// Looks at what the file is before opening it: a pipe would block for ever.
    private static byte[] bytes(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file.toRealPath(), BasicFileAttributes.class,
                LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new IOException("it is no regular file");
        } else if (attributes.size() > MAX_BYTES) {
            throw new IOException("it has " + attributes.size() + " bytes, more than " + MAX_BYTES);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it has more than " + MAX_BYTES + " bytes");
            }
            return bytes;
        }
    }

    private static Json parse(Path file, byte[] bytes) {
        try {
            JsonReader reader = isYaml(file) ? JsonReader.YAML : JsonReader.JSON5;
            Json value = reader.read(JsonText.of(bytes));
            return value instanceof Json.Null ? new Json.Obj(Map.of()) : value;
        } catch (IllegalArgumentException e) {
            throw new ConfigException("config " + file + " is malformed: " + e.getMessage());
        }
    }

    private static boolean isYaml(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
