package dev.chela.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import dev.chela.distribution.Installation.Ended;
import dev.chela.distribution.Installation.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DistributionIT {

    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void answersFromTheFullZipWithNothingElseInstalled() throws Exception {
        Installation chela = Installation.full(folder.resolve("a folder")).with("PATH", "/usr/bin:/bin");
        try (Running gateway = chela.start()) {
            assertEquals("hello from the zip\n", chela.chela("agent", "--message", "hello from the zip").out());
            Ended health = chela.chela("gateway", "health", "--json");
            assertEquals(0, health.exit(), health.err());
            assertTrue(health.out().startsWith("{\"ok\":true"), health.out());
            assertEquals("", health.err());
            assertTrue(chela.chela("gateway", "status").out().contains("127.0.0.1:" + gateway.port()));
            assertEquals(0, gateway.terminate(), gateway.text());
        }
    }

    @Test
    void keepsWhatIsNotAsciiWhereNoLanguageIsSet() throws Exception {
        Installation chela = Installation.full(folder.resolve("full")).with("LC_ALL", "C");
        try (Running _ = chela.start()) {
            assertEquals("ü😀\n", chela.chela("agent", "--message", "ü😀").out());
        }
    }

    @Test
    void failsIfWhatItSaysCannotBeWritten() {
        Installation chela = Installation.full(folder.resolve("full"));
        Ended ended = Installation.run(Map.of(),
                List.of("sh", "-c", "'" + chela.home.resolve("bin/chela") + "' --version > /dev/full"));
        assertEquals(1, ended.exit(), ended.err());
    }

    @Test
    void answersFromTheSlimZipWithAJavaOfTheMachine() throws Exception {
        Installation chela = Installation.slim(folder.resolve("slim"));
        try (Running gateway = chela.start()) {
            assertEquals("hello\n", chela.chela("agent", "--message", "hello").out());
            assertEquals(0, gateway.terminate(), gateway.text());
        }
        try (Stream<Path> files = Files.walk(chela.state.resolve("native"))) {
            assertEquals(1, files.filter(Files::isRegularFile).count(), "the native library is unpacked once");
        }
    }

    @Test
    void saysHowToGetAJavaIfThereIsNone() {
        Installation chela = Installation.slim(folder.resolve("slim")).with("CHELA_JAVA_HOME", folder.toString());
        Ended ended = chela.chela("--version");
        assertEquals(78, ended.exit());
        assertTrue(ended.err().contains("'" + folder + "', which is no Java 25 or newer"), ended.err());
    }

    @Test
    void advertisesWhatADroppedJarBrings() throws Exception {
        Installation chela = Installation.full(folder.resolve("full"));
        Path plugins = Files.createDirectories(chela.state.resolve("plugins"));
        // The bundled jar steps aside for the user's: the same plugin, dropped as anybody would drop one.
        Path bundled;
        try (Stream<Path> jars = Files.list(chela.home.resolve("plugins"))) {
            bundled = jars.filter(jar -> jar.getFileName().toString().startsWith("plugin-hello-")).findFirst()
                    .orElseThrow();
        }
        Files.move(bundled, plugins.resolve("mine.jar"));
        Files.writeString(plugins.resolve("broken.jar"), "not a zip");
        try (Running _ = chela.start()) {
            assertTrue(chela.chela("gateway", "call", "hello.greet", "--params", "{\"name\":\"crab\"}").out()
                    .contains("Hello, crab!"));
            String list = chela.chela("plugins", "list").out();
            assertTrue(list.lines().anyMatch(line -> line.matches("hello +loaded .*")), list);
            assertTrue(list.lines().anyMatch(line -> line.contains("broken.jar") && line.contains("refused")), list);
        }
    }

    @Test
    void refusesASecondGatewayByNamingTheFirst() throws Exception {
        Installation chela = Installation.full(folder.resolve("full"));
        try (Running first = chela.start()) {
            Ended sameFolder = chela.chela("gateway", "run", "--port", "0");
            assertEquals(78, sameFolder.exit());
            assertTrue(sameFolder.err().contains(Long.toString(first.process().pid())), sameFolder.err());
            chela.with("CHELA_STATE_DIR", folder.resolve("other").toString());
            Ended samePort = chela.chela("gateway", "run", "--port", Integer.toString(first.port()));
            assertEquals(78, samePort.exit());
            assertTrue(samePort.err().contains(Integer.toString(first.port())), samePort.err());
            assertTrue(samePort.err().contains(Long.toString(first.process().pid())), samePort.err());
        }
    }

    @Test
    void startsAtOnceAfterItWasKilled() throws Exception {
        Installation chela = Installation.full(folder.resolve("full"));
        Running first = chela.start();
        String call = "{\"sessionKey\":\"main\",\"message\":\"kept\",\"idempotencyKey\":\"k1\"}";
        assertEquals(0, chela.chela("gateway", "call", "chat.send", "--params", call).exit());
        first.close();
        try (Running _ = chela.startOn(first.port())) {
            String history = chela.chela("gateway", "call", "chat.history", "--params", "{\"sessionKey\":\"main\"}")
                    .out();
            assertTrue(history.contains("kept"), history);
        }
    }

    @Test
    void refusesAnUnusableConfigurationByItsPath() throws IOException {
        Installation chela = Installation.full(folder.resolve("full"));
        Path config = Files.writeString(folder.resolve("wrong.yaml"), "gateway: {port: banana}\n");
        Ended ended = chela.chela("gateway", "run", "--config", config.toString());
        assertEquals(78, ended.exit());
        assertTrue(ended.err().contains("gateway.port"), ended.err());
        assertEquals("", ended.out());
    }

    @Test
    void setsFileModesThatUnzipKeeps() throws IOException {
        Installation chela = Installation.full(folder.resolve("full"));
        Map<String, String> modes = new TreeMap<>();
        for (String file : new String[]{"bin/chela", "runtime/bin/java", "runtime/lib/jspawnhelper", "README.md",
                "conf/chela.yaml", "lib/BUILD"}) {
            modes.put(file, PosixFilePermissions.toString(Files.getPosixFilePermissions(chela.home.resolve(file))));
        }
        assertEquals(Map.of("bin/chela", "rwxr-xr-x", "runtime/bin/java", "rwxr-xr-x", "runtime/lib/jspawnhelper",
                "rwxr-xr-x", "README.md", "rw-r--r--", "conf/chela.yaml", "rw-r--r--", "lib/BUILD", "rw-r--r--"),
                modes);
        assertTrue(Files.size(chela.home.resolve("licenses/README.md")) > 0);
    }

    @Test
    void keepsTheZipsSmall() throws IOException {
        assertTrue(Files.size(Path.of(System.getProperty("chela.slim.zip"))) < 25 * MIB);
        assertTrue(Files.size(Path.of(System.getProperty("chela.full.zip"))) < 70 * MIB);
    }

    @Test
    void usesTheCacheInEveryTimeZoneAndDoesWithoutItWhenAJarHasChanged() throws IOException {
        Installation chela = Installation.full(folder.resolve("full")).with("TZ", "Asia/Tokyo")
                .with("CHELA_JAVA_OPTS", "-Xlog:aot=info:stderr");
        assertTrue(chela.chela("--version").err().contains("Using AOT-linked classes: true"));
        Path jar;
        try (Stream<Path> jars = Files.list(chela.home.resolve("lib"))) {
            jar = jars.filter(file -> file.getFileName().toString().startsWith("gateway-runtime")).findFirst()
                    .orElseThrow();
        }
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now()));
        Ended changed = chela.chela("--version");
        assertEquals(0, changed.exit());
        assertTrue(changed.err().contains(jar.getFileName() + "', timestamp has changed"), changed.err());
        assertFalse(changed.err().contains("Using AOT-linked classes: true"), changed.err());
        assertTrue(changed.out().startsWith("chela "), changed.out());
    }
}
