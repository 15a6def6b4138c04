import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Makes both zips from the folder the build laid out and a Java runtime image:
/// `java Distribute.java LAYOUT IMAGE FULL TIMESTAMP SLIM_ZIP FULL_ZIP`.
///
/// The full one gets its platform's native library unpacked, and a cache of what Java learns when it runs the gateway for
/// the first time. Java takes the cache only together with the very runtime and jars it was made with, and knows these by
/// size and time: so every file gets one time before the training, and the zip carries it in seconds since 1970, which
/// hold in each time zone.
final class Distribute {

    private static final Set<PosixFilePermission> PROGRAM = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");
    /// Of 7 MB of cryptography, what Ed25519 needs.
    private static final List<String> ED25519 = List.of("asn1", "asn1/x9", "crypto", "crypto/constraints",
            "crypto/digests", "crypto/params", "math", "math/ec", "math/ec/endo", "math/ec/rfc7748",
            "math/ec/rfc8032", "math/field", "math/raw", "util", "util/encoders", "util/io");

    private static final String TOKEN = "warm-up-0123456789";

    private final FileTime time;

    private Distribute(Instant time) {
        this.time = FileTime.from(time);
    }

    public static void main(String[] args) throws Exception {
        Path layout = Path.of(args[0]);
        Path full = Path.of(args[2]);
        var make = new Distribute(Instant.parse(args[3]));
        make.keepEd25519(layout.resolve("lib"));
        make.stamp(layout);
        make.zip(layout, Path.of(args[4]));
        make.copy(layout, full);
        make.copy(Path.of(args[1]), full.resolve("runtime"));
        make.unpackLibrary(full.resolve("lib"));
        make.stamp(full);
        make.train(full);
        make.stamp(full);
        make.zip(full, Path.of(args[5]));
    }

    private static Path only(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).findFirst()
                    .orElseThrow(() -> new IOException("there is no " + prefix + "*.jar in " + folder));
        }
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.sorted(Comparator.comparing(Path::toString)).toList();
        }
    }

    private static FileSystem open(Path zip) throws IOException {
        return FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()),
                Map.of("create", "true", "enablePosixFileAttributes", "true"));
    }

    private void keepEd25519(Path lib) throws IOException {
        Path whole = only(lib, "bcprov-jdk");
        String version = whole.getFileName().toString().replaceAll(".*-", "");
        Path small = lib.resolve("bcprov-ed25519-" + version);
        Files.deleteIfExists(small);
        try (FileSystem from = open(whole); FileSystem to = open(small)) {
            for (String folder : ED25519) {
                Path source = from.getPath("org/bouncycastle", folder);
                Path target = Files.createDirectories(to.getPath("org/bouncycastle", folder));
                for (Path file : sorted(source)) {
                    if (file.getParent().equals(source) && file.toString().endsWith(".class")) {
                        Files.copy(file, target.resolve(file.getFileName().toString()));
                    }
                }
            }
            stamp(to.getPath("/"));
        }
        Files.delete(whole);
    }

    private void unpackLibrary(Path lib) throws IOException {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        try (FileSystem jar = open(only(lib, "sqlite-jdbc"))) {
            Path all = jar.getPath("org/sqlite/native");
            Path ours = all.resolve(mac ? "Mac" : "Linux").resolve(arm ? "aarch64" : "x86_64");
            Path target = Files.createDirectories(lib.resolve("native"));
            for (Path file : sorted(ours)) {
                if (Files.isRegularFile(file)) {
                    Files.copy(file, target.resolve(file.getFileName().toString()));
                }
            }
            for (Path file : sorted(all).reversed()) {
                Files.delete(file);
            }
            stamp(jar.getPath("/"));
        }
    }

    /// Runs the gateway once, with a client. The cache bears a name made of all jars: other jars, another cache.
    private void train(Path full) throws IOException, InterruptedException, NoSuchAlgorithmException {
        var digest = MessageDigest.getInstance("SHA-256");
        for (Path file : sorted(full)) {
            if (file.toString().endsWith(".jar")) {
                try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            }
        }
        String build = HexFormat.of().formatHex(digest.digest(), 0, 8);
        Files.writeString(full.resolve("lib/BUILD"), build + "\n");
        Path cache = full.resolve("lib/chela-" + build + ".aot");
        Path state = Files.createTempDirectory("chela-warm-up");
        Files.writeString(state.resolve("chela.yaml"), "plugins: {entries: {echo: {config: {pauseMs: 0}}}}\n");
        Process gateway = chela(full, Map.of("CHELA_AOT_OUTPUT", cache.toString()), "gateway", "run", "--port", "0",
                "--token", TOKEN, "--state-dir", state.toString());
        var said = new StringBuilder();
        try (var out = gateway.inputReader()) {
            String url = url(out, said);
            int exit = chela(full, Map.of(), "warm-up", url, TOKEN).waitFor();
            gateway.toHandle().destroy(); // unlike destroy() of the process, this leaves its output open
            out.lines().forEach(line -> said.append(line).append('\n'));
            if (exit != 0 || gateway.waitFor() != 0 || !Files.isRegularFile(cache)) {
                throw new IOException("the warm-up ended with " + exit + ":\n" + said);
            }
        } finally {
            gateway.destroyForcibly();
            for (Path file : sorted(state).reversed()) {
                Files.delete(file);
            }
        }
    }

    private static String url(BufferedReader out, StringBuilder said) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith("Chela ") && line.contains("ws://")) {
                return line.substring(line.indexOf("ws://"));
            }
        }
        throw new IOException("the gateway did not start:\n" + said);
    }

    private static Process chela(Path full, Map<String, String> variables, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(full.resolve("bin/chela").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CHELA_"));
        builder.environment().putAll(variables);
        return builder.start();
    }

    private void copy(Path from, Path to) throws IOException {
        for (Path source : sorted(from)) {
            Path target = to.resolve(from.relativize(source).toString());
            if (Files.isDirectory(source)) {
                Files.createDirectories(target);
            } else {
                Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /// Gives all files one time, and the rights they have after `unzip`.
    private void stamp(Path folder) throws IOException {
        for (Path path : sorted(folder).reversed()) {
            if (path.getParent() != null) {
                Files.setPosixFilePermissions(path, isProgram(path) ? PROGRAM : FILE);
                Files.setLastModifiedTime(path, time);
            }
        }
    }

    private static boolean isProgram(Path path) {
        return Files.isDirectory(path) || path.getParent().endsWith("bin") || path.endsWith("jspawnhelper")
                || path.endsWith("jexec");
    }

    private void zip(Path folder, Path zip) throws IOException {
        Files.deleteIfExists(zip);
        Path base = folder.getParent();
        try (FileSystem to = open(zip)) {
            for (Path source : sorted(folder)) {
                Path target = to.getPath(base.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectory(target);
                } else {
                    Files.copy(source, target);
                }
                Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(source));
                Files.setLastModifiedTime(target, time);
            }
        }
    }
}
