package dev.chela.runtime.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/// The folder of one gateway: what it must keep, readable by its user only.
///
/// @param path absolute
public record StateFolder(Path path) {

    private static final FileAttribute<?> FOLDER = PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rwx------"));
    /// What a new file may be used for, and by whom.
    static final FileAttribute<?> FILE = PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rw-------"));
    /// What is in the folder of a gateway, or what its user puts there before the first start.
    private static final List<String> OURS = List.of("gateway.lock", "gateway.token", "chela.db", "chela.yaml",
            "openclaw.json",
            "plugins");
    private static final int TOKEN_BYTES = 32;

    /// Makes the folder if it is not there, and takes away what others may do with it.
    ///
    /// @throws BusyException if it is somebody else's: not empty, and with nothing in it that belongs into one
    /// @throws UncheckedIOException if it cannot be made or is no folder
    public static StateFolder open(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute, FOLDER);
            if (!isOurs(absolute)) {
                throw new BusyException("the folder " + absolute + " is not empty and no state folder; name a new or an"
                        + " empty one with --state-dir");
            }
            Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
            return new StateFolder(absolute);
        } catch (IOException e) {
            throw new UncheckedIOException("the state folder " + absolute + " cannot be used", e);
        }
    }

    private static boolean isOurs(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return OURS.stream().anyMatch(name -> Files.exists(folder.resolve(name))) || content.findAny().isEmpty();
        }
    }

    /// The lock.
    public Path lock() {
        return path.resolve("gateway.lock");
    }

    /// The store.
    public Path store() {
        return path.resolve("chela.db");
    }

    /// Where logs are.
    public Path logs() {
        return path.resolve("logs");
    }

    /// The log.
    public Path log() {
        return logs().resolve("chela.log");
    }

    /// Where the user drops plugin jars.
    public Path plugins() {
        return path.resolve("plugins");
    }

    /// Where jars are loaded from, named by what is in them.
    public Path jars() {
        return path.resolve("jars");
    }

    /// A plugin's own folder.
    public Path ofPlugin(String id) {
        return path.resolve("plugin-state").resolve(id);
    }

    /// Makes a folder below, readable by the user only.
    public static Path make(Path folder) {
        try {
            return Files.createDirectories(folder, FOLDER);
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + folder + " cannot be made", e);
        }
    }

    /// The file with the token that was generated for a gateway without a configured one.
    public Path tokenFile() {
        return path.resolve("gateway.token");
    }

    /// The generated token; made at the first call ever.
    public String token() {
        try {
            if (!Files.exists(tokenFile())) {
                byte[] random = new byte[TOKEN_BYTES];
                new SecureRandom().nextBytes(random);
                String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
                writeNew(tokenFile(), token + "\n");
            }
            return Files.readString(tokenFile()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the generated token " + tokenFile() + " cannot be used", e);
        }
    }

    private static void writeNew(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, FILE);
        Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            Files.delete(temporary);
        }
    }
}
