package dev.chela.runtime.wire;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.chela.api.json.Json;
import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Jars that mean harm, or were made by somebody with no luck at all: each is refused with its reason, the gateway starts.
class HostileJarsTest {

    @TempDir
    Path folder;

    private final Map<String, String> reasons = new LinkedHashMap<>();

    private Path dropped() {
        return folder.resolve("state/plugins");
    }

    private void expect(String file, String reason) {
        reasons.put(file, reason);
    }

    private static PluginReport report(TestGateway gateway, String file) {
        return gateway.gateway().plugins().stream().filter(one -> one.file().equals(file)).findFirst().orElseThrow();
    }

    private void startAndCompare() throws Exception {
        PluginJar.registering("good", "r.method(Method.of(\"good.x\", Scope.READ, NoParams.class, (p, c) -> 1));")
                .writeTo(dropped(), "zz-good.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            Map<String, String> found = new LinkedHashMap<>();
            reasons.keySet().forEach(file -> found.put(file, String.valueOf(report(gateway, file).reason())));
            assertEquals(reasons, found);
            assertEquals(Json.of(1), client.call("good.x"));
        }
    }

    @Test
    void refusesWhatIsNoProperFile() throws Exception {
        Files.createDirectories(dropped().resolve("folder.jar"));
        expect("folder.jar", "it is no regular file");
        Files.createSymbolicLink(dropped().resolve("dangling.jar"), folder.resolve("nowhere"));
        expect("dangling.jar", "it is no regular file");
        assertEquals(0, new ProcessBuilder("mkfifo", dropped().resolve("pipe.jar").toString()).start().waitFor());
        expect("pipe.jar", "it is no regular file");
        Files.createFile(dropped().resolve("empty.jar"));
        expect("empty.jar", "it is not a zip file");
        try (var huge = new RandomAccessFile(dropped().resolve("huge.jar").toFile(), "rw")) {
            huge.setLength((256L << 20) + 1);
        }
        expect("huge.jar", "it is larger than 268435456 bytes");
        Path elsewhere = PluginJar.registering("linked", "").writeTo(folder.resolve("elsewhere"), "linked.jar");
        Files.createSymbolicLink(dropped().resolve("linked.jar"), elsewhere);
        expect("linked.jar", "null");
        startAndCompare();
    }

    @Test
    void refusesOddManifests() throws Exception {
        PluginJar.registering("path", "").manifest("Plugin-Id", "../../path").writeTo(dropped(), "path.jar");
        expect("path.jar", "its manifest says Plugin-Id: ../../path, which must look like my-plugin");
        PluginJar.registering("caps", "").manifest("Plugin-Id", "Caps").writeTo(dropped(), "caps.jar");
        expect("caps.jar", "its manifest says Plugin-Id: Caps, which must look like my-plugin");
        PluginJar.registering("core", "").writeTo(dropped(), "core.jar");
        expect("core.jar", "its manifest says Plugin-Id: core, which is the gateway itself");
        String dashes = "1.2.3" + "-".repeat(60) + "!";
        PluginJar.registering("dashes", "").manifest("Plugin-Version", dashes).writeTo(dropped(), "dashes.jar");
        expect("dashes.jar", "its manifest says Plugin-Version: " + dashes + ", which must look like 1.2.3");
        PluginJar.registering("deep", "").manifest("Plugin-Requires", "(".repeat(50_000)).writeTo(dropped(),
                "deep.jar");
        expect("deep.jar", "its manifest has more than 4000 characters in Plugin-Requires");
        PluginJar.registering("unclear", "").manifest("Plugin-Requires", "((((>=1").writeTo(dropped(), "unclear.jar");
        expect("unclear.jar", "'((((>=1' is no range of versions");
        PluginJar.registering("needy", "").manifest("Plugin-Dependencies", "good@(((").writeTo(dropped(), "zzz.jar");
        expect("zzz.jar", "'(((' is no range of versions");
        PluginJar.registering("selfish", "").manifest("Plugin-Dependencies", "selfish").writeTo(dropped(),
                "selfish.jar");
        expect("selfish.jar", "it needs plugin 'selfish', which is not loaded");
        PluginJar.registering("outside", "").manifest("Class-Path", "../lib/other.jar").writeTo(dropped(),
                "outside.jar");
        expect("outside.jar", "its manifest has a Class-Path; a plugin is one jar");
        startAndCompare();
    }

    @Test
    void refusesOddEntryClasses() throws Exception {
        String service = "META-INF/services/dev.chela.api.GatewayPlugin";
        PluginJar.registering("two", "").source("test.Other", """
                package test;
                public class Other implements dev.chela.api.GatewayPlugin {
                    public void register(dev.chela.api.Registrar r) {}
                }
                """).file(service, "test.Plugintwo\ntest.Other\n").writeTo(dropped(), "two.jar");
        expect("two.jar", "it names 2 GatewayPlugins; one jar has one");
        PluginJar.registering("absent", "").file(service, "test.Absent\n").writeTo(dropped(), "absent.jar");
        expect("absent.jar", "its entry class cannot be made: java.util.ServiceConfigurationError:"
                + " dev.chela.api.GatewayPlugin: Provider test.Absent not found");
        PluginJar.registering("foreign", "").file(service, "dev.chela.runtime.Gateway\n").writeTo(dropped(),
                "foreign.jar");
        expect("foreign.jar", "its entry class cannot be made: java.util.ServiceConfigurationError:"
                + " dev.chela.api.GatewayPlugin: Provider dev.chela.runtime.Gateway not found");
        PluginJar.registering("stranger", "").file(service, "java.lang.String\n").writeTo(dropped(), "stranger.jar");
        expect("stranger.jar", "it names no GatewayPlugin in " + service);
        PluginJar.registering("garbled", "").file(service, "not a class name\n").writeTo(dropped(), "garbled.jar");
        PluginJar.registering("newer", "").ofJava(99).writeTo(dropped(), "newer.jar");
        expect("newer.jar", "making its entry class failed: java.lang.UnsupportedClassVersionError: test/Pluginnewer"
                + " has been compiled by a more recent version of the Java Runtime (class file version 99.0), this"
                + " version of the Java Runtime only recognizes class file versions up to "
                + (Runtime.version().feature() + 44) + ".0");
        startAndCompare();
    }

    @Test
    void survivesWhateverIsThrownWhileAPluginRegisters() throws Exception {
        PluginJar.registering("deep", "register(r);").writeTo(dropped(), "deep.jar");
        expect("deep.jar", "register failed: java.lang.StackOverflowError");
        PluginJar.registering("greedy", "throw new OutOfMemoryError(\"as if\");").writeTo(dropped(), "greedy.jar");
        expect("greedy.jar", "register failed: java.lang.OutOfMemoryError: as if");
        PluginJar.of("silent", """
                static final class Silent extends RuntimeException {
                    @Override public String toString() { throw new IllegalStateException("no words"); }
                    @Override public String getMessage() { throw new IllegalStateException("no words"); }
                }
                @Override public void register(Registrar r) { throw new Silent(); }
                """).writeTo(dropped(), "silent.jar");
        expect("silent.jar", "register failed: test.Pluginsilent$Silent");
        PluginJar.registering("eternal",
                "r.hook(Hook.observe(GatewayStarted.class, e -> {}).within(java.time.Duration.ofSeconds(Long.MAX_VALUE)));")
                .writeTo(dropped(), "eternal.jar");
        expect("eternal.jar", "register failed: a time limit must be from 1 ms to 60000 ms: "
                + "PT2562047788015215H30M7S");
        PluginJar.registering("patient", "r.method(Method.of(\"patient.x\", Scope.READ, NoParams.class, (p, c) -> 1)"
                + ".waiting(java.time.Duration.ofDays(400)));").writeTo(dropped(), "patient.jar");
        expect("patient.jar", "register failed: a time limit must be from 1 ms to 7 days: PT9600H");
        PluginJar.registering("fat", "r.route(Route.post(\"/fat\", Door.open(), x -> {}).withBody(1L << 40));")
                .writeTo(dropped(), "fat.jar");
        expect("fat.jar", "register failed: a body limit must be from 0 to 67108864 bytes: 1099511627776");
        startAndCompare();
    }

    @Test
    void survivesAServiceThatLosesItsName() throws Exception {
        PluginJar
                .registering("moody",
                        """
                                r.service(new Service() {
                                    int asked;
                                    public String name() { if (asked++ > 0) { throw new IllegalStateException("no name"); } return "m"; }
                                    public Phase phase() { throw new IllegalStateException("no phase"); }
                                    public void start() {}
                                    public void stop() {}
                                });
                                """)
                .writeTo(dropped(), "moody.jar");
        expect("moody.jar", "register failed: java.lang.IllegalStateException: no phase");
        startAndCompare();
    }

    @Test
    void lendsItsOwnApiToAJarThatBringsACopy() throws Exception {
        PluginJar.registering("copycat", "").source("dev.chela.api.GatewayPlugin",
                "package dev.chela.api; public interface GatewayPlugin { void nonsense(); }")
                .file("../../../slipped.txt", "x").file("/absolute.txt", "x").writeTo(dropped(), "copycat.jar");
        expect("copycat.jar", "null");
        startAndCompare();
        try (Stream<Path> all = Files.walk(folder)) {
            assertTrue(all.noneMatch(file -> file.endsWith("slipped.txt")));
        }
    }

    @Test
    void keepsOnlyTheCopiesThatAreInUse() throws Exception {
        PluginJar.registering("one", "").writeTo(dropped(), "one.jar");
        try (TestGateway _ = TestGateway.start(folder)) {
            assertEquals(1, copies().size());
        }
        PluginJar.registering("one", "").manifest("Plugin-Version", "2.0.0").writeTo(dropped(), "one.jar");
        PluginJar.registering("off", "").manifest("Plugin-Requires", ">=9").writeTo(dropped(), "off.jar");
        Files.writeString(folder.resolve("state/jars/left.tmp"), "x");
        try (TestGateway gateway = TestGateway.start(folder)) {
            assertEquals("2.0.0", report(gateway, "one.jar").version());
            assertEquals(1, copies().size(), copies().toString());
        }
    }

    private List<Path> copies() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("state/jars"))) {
            return all.toList();
        }
    }

    @Test
    void lendsAFolderThatOnlyTheGatewaysUserSees() throws Exception {
        PluginJar.registering("owner", "r.context().stateFolder();").writeTo(dropped(), "owner.jar");
        try (TestGateway _ = TestGateway.start(folder)) {
            assertEquals("rwx------", PosixFilePermissions
                    .toString(Files.getPosixFilePermissions(folder.resolve("state/plugin-state/owner"))));
        }
    }

    // ---- nothing remains ----

    /// Leaves a weak reference to the plugin's class loader where the test finds it.
    private static String traced(String key) {
        return "System.getProperties().put(\"" + key
                + "\", new java.lang.ref.WeakReference<>(getClass().getClassLoader()));";
    }

    private static void assertCollected(String key) throws InterruptedException {
        var loader = (WeakReference<?>) Objects.requireNonNull(System.getProperties().remove(key));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (loader.get() != null && System.nanoTime() < end) {
            System.gc();
            TimeUnit.MILLISECONDS.timedJoin(Thread.startVirtualThread(Thread::yield), 20);
        }
        assertNull(loader.get(), key + " is still there");
    }

    @Test
    void leavesNothingOfARefusedPlugin() throws Exception {
        PluginJar.of("gone", """
                @Override public void register(Registrar r) {
                    %s
                    r.event(EventType.of("gone.news", Json.class, Audience.everyone()));
                    r.method(Method.of("gone.x", Scope.READ, NoParams.class, (p, c) -> 1));
                    r.route(Route.get("/gone", Door.open(), x -> {}));
                    r.engine("gone", (turn, sink) -> null);
                    r.hook(Hook.observe(GatewayStarted.class, e -> { throw new IllegalStateException("told"); }));
                    r.health("gone", () -> HealthProbe.Health.ok());
                }
                @Override public void check(PluginContext c) { throw new IllegalStateException("no"); }
                """.formatted(traced("test.gone"))).writeTo(dropped(), "a-gone.jar");
        PluginJar.registering("heir", """
                r.event(EventType.of("gone.news", Json.class, Audience.everyone()));
                r.method(Method.of("gone.x", Scope.READ, NoParams.class, (p, c) -> 2));
                r.route(Route.get("/gone", Door.open(), x -> {}));
                r.engine("gone", (turn, sink) -> null);
                """).writeTo(dropped(), "b-heir.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertEquals("check failed: java.lang.IllegalStateException: no", report(gateway, "a-gone.jar").reason());
            assertNull(report(gateway, "b-heir.jar").reason());
            assertEquals(Json.of(2), client.call("gone.x"));
            assertEquals(List.of(), List.copyOf(((Json.Obj) client.call("health").at("plugins").orElseThrow()
                    .at("health").orElseThrow()).members().keySet()));
            assertCollected("test.gone");
        }
    }

    @Test
    void leavesNothingOfAPluginOnceTheGatewayHasStopped() throws Exception {
        PluginJar.registering("used", """
                %s
                record P(String text) {}
                record Answer(String text, List<P> list) {}
                EventType<Answer> news = EventType.of("used.news", Answer.class, Audience.everyone());
                r.event(news);
                r.engine("used", (turn, sink) -> null);
                r.hook(Hook.observe(GatewayStarted.class, e -> {}));
                r.health("used", () -> HealthProbe.Health.ok());
                r.service(new Service() {
                    public String name() { return "s"; }
                    public void start() { r.context().log().log(System.Logger.Level.INFO, "on"); }
                    public void stop() {}
                });
                r.method(Method.of("used.x", Scope.READ, P.class, (p, c) -> {
                    r.context().events().publish(news, new Answer(p.text(), List.of(p)));
                    return new Answer(p.text(), List.of());
                }));
                """.formatted(traced("test.used"))).writeTo(dropped(), "used.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertEquals("x", client.call("used.x", Map.of("text", "x")).text("text").orElse(""));
            assertEquals("x", client.await("used.news").text("text"));
        }
        assertCollected("test.used");
    }
}
