package dev.chela.runtime.plugin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

import dev.chela.runtime.instance.StateFolder;

/// Jars named by what is in them. What is dropped into a folder may be overwritten at any time; what is loaded may not.
final class JarStore {

    /// The largest jar, in bytes.
    static final long MAX_BYTES = 256L << 20;

    private final Path folder;

    JarStore(Path folder) {
        this.folder = StateFolder.make(folder);
    }

    /// Copies a jar in, unless it is there.
    Path keep(Path jar) throws PluginException {
        try {
            if (Files.size(jar) > MAX_BYTES) {
                throw new PluginException("it is larger than " + MAX_BYTES + " bytes");
            }
            Path temporary = Files.createTempFile(folder, "incoming", ".tmp");
            try {
                Files.copy(jar, temporary, StandardCopyOption.REPLACE_EXISTING);
                Path kept = folder.resolve(digest(temporary) + ".jar");
                Files.move(temporary, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return kept;
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new PluginException("it cannot be copied to " + folder + ": " + e.getMessage(), e);
        }
    }

    static String digest(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 << 10];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Deletes what is not used any more.
    void keepOnly(Set<Path> used) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                if (!used.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            System.getLogger("plugins").log(System.Logger.Level.WARNING, "old jars in " + folder + " stay", e);
        }
    }
}
