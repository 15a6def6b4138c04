package dev.chela.runtime.plugin;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
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
            Path temporary = Files.createTempFile(folder, "incoming", ".tmp");
            try {
                Path kept = folder.resolve(copy(jar, temporary) + ".jar");
                Files.move(temporary, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return kept;
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (NoSuchFileException e) {
            throw new PluginException("it is gone: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new PluginException("it cannot be copied to " + folder + ": " + e.getMessage(), e);
        }
    }

    /// Copies and digests in one pass: what was read once is what is loaded.
    private static String copy(Path from, Path to) throws IOException, PluginException {
        MessageDigest digest = sha256();
        try (var in = new DigestInputStream(Files.newInputStream(from), digest); var out = Files.newOutputStream(to)) {
            byte[] buffer = new byte[64 << 10];
            long total = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                total += n;
                if (total > MAX_BYTES) {
                    throw new PluginException("it is larger than " + MAX_BYTES + " bytes");
                }
                out.write(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
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
        } catch (IOException | DirectoryIteratorException e) {
            System.getLogger("plugins").log(System.Logger.Level.WARNING, "old jars in " + folder + " stay", e);
        }
    }
}
