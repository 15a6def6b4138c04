package dev.chela.runtime.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Json;
import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Jars dropped into the folder: what they bring can be used, and broken ones hurt nobody.
class PluginsWireTest {

    @TempDir
    Path folder;

    private Path dropped() {
        return folder.resolve("state/plugins");
    }

    private TestGateway start() {
        return TestGateway.start(folder);
    }

    private static PluginReport report(TestGateway gateway, String file) {
        return gateway.gateway().plugins().stream().filter(one -> one.file().equals(file)).findFirst().orElseThrow();
    }

    private static String http(TestGateway gateway, String request) throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            socket.send((request + "\nHost: 127.0.0.1\nConnection: close\n\n").replace("\n", "\r\n"));
            String head = socket.readHead();
            return head.substring(9, 12);
        }
    }

    // ---- good jars ----

    @Test
    void advertisesAndAnswersTheMethodOfADroppedJar() throws Exception {
        PluginJar.registering("greeter", """
                record Params(String name, @org.jspecify.annotations.Nullable Integer times) {}
                r.method(Method.of("greeter.greet", Scope.READ, Params.class,
                        (p, call) -> Map.of("text", "Hello, " + p.name(), "scopes", call.caller().scopes().size())));
                """).writeTo(dropped(), "greeter.jar");
        try (TestGateway gateway = start(); Client client = gateway.with("operator.read")) {
            List<Json> methods = client.client().hello().at("features").orElseThrow().items("methods");
            assertTrue(methods.contains(Json.of("greeter.greet")));
            Json answer = client.call("greeter.greet", Map.of("name", "crab"));
            assertEquals("Hello, crab", answer.text("text").orElse(""));
            assertEquals("invalid greeter.greet params: must have required property 'name'",
                    client.refused("greeter.greet", Map.of()).getMessage());
        }
    }

    @Test
    void checksTheScopeOfAPluginsMethod() throws Exception {
        PluginJar.registering("deep", """
                record Level(boolean deep) {}
                r.method(Method.of("deep.fixed", Scope.ADMIN, NoParams.class, (p, call) -> "ok"));
                r.method(Method.of("deep.byParams", p -> p.deep() ? Scope.ADMIN : Scope.READ, Level.class,
                        (p, call) -> "ok"));
                """).writeTo(dropped(), "deep.jar");
        try (TestGateway gateway = start(); Client reader = gateway.with("operator.read")) {
            assertEquals("missing scope: operator.admin", reader.refused("deep.fixed", Map.of()).getMessage());
            assertEquals("missing scope: operator.admin",
                    reader.refused("deep.byParams", Map.of("deep", true)).getMessage());
            assertEquals(Json.of("ok"), reader.call("deep.byParams", Map.of("deep", false)));
        }
    }

    @Test
    void servesRoutesBehindTheirDoors() throws Exception {
        PluginJar.registering("doors", """
                r.route(Route.get("/open", Door.open(), x -> x.text(200, "open " + x.query("q").orElse("-"))));
                r.route(Route.get("/closed", Door.gateway(Scope.READ), x -> x.text(200, x.caller().get().principal())));
                r.route(Route.get("/api/channels/x", Door.open(), x -> x.text(200, "never without a token")));
                r.route(Route.post("/echo", Door.open(), x -> x.respond(200, "text/plain", x.body().readAllBytes()))
                        .withBody(1000));
                r.route(Route.get("/tree", Door.open(), x -> x.text(200, x.path())).andBelow());
                r.route(Route.get("/broken", Door.open(), x -> { throw new IllegalStateException("secret"); }));
                """).writeTo(dropped(), "doors.jar");
        try (TestGateway gateway = start()) {
            String bearer = "\nAuthorization: Bearer " + TestGateway.TOKEN;
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("GET /open?q=1 HTTP/1.1", "200");
            expected.put("GET //open HTTP/1.1", "200");
            expected.put("GET /OPEN/ HTTP/1.1", "200");
            expected.put("POST /open HTTP/1.1\nContent-Length: 0", "405");
            expected.put("GET /closed HTTP/1.1", "401");
            expected.put("GET /closed HTTP/1.1\nAuthorization: Bearer wrong", "401");
            expected.put("GET /closed HTTP/1.1" + bearer, "200");
            expected.put("GET /x/../closed HTTP/1.1", "401");
            expected.put("GET /clos%65d HTTP/1.1", "401");
            expected.put("GET /api/channels/x HTTP/1.1", "401");
            expected.put("GET /API/Channels/x HTTP/1.1", "401");
            expected.put("GET /x/..%2fapi/channels/x HTTP/1.1", "400");
            expected.put("GET /api/channels/nothing HTTP/1.1", "401");
            expected.put("GET /api/channels/x HTTP/1.1" + bearer, "200");
            expected.put("POST /echo HTTP/1.1\nContent-Length: 5\n\nhello", "200");
            expected.put("POST /echo HTTP/1.1\nContent-Length: 5000", "413");
            expected.put("GET /tree/a/b HTTP/1.1", "200");
            expected.put("GET /treehouse HTTP/1.1", "404");
            expected.put("GET /broken HTTP/1.1", "500");
            expected.put("GET /healthz HTTP/1.1", "200");
            expected.put("GET /readyz HTTP/1.1", "200");
            expected.put("DELETE /healthz HTTP/1.1", "405");
            expected.put("GET /nothing HTTP/1.1", "404");
            for (Map.Entry<String, String> one : expected.entrySet()) {
                String request = one.getKey();
                int body = request.indexOf("\n\n");
                String head = body < 0 ? request : request.substring(0, body);
                assertEquals(one.getValue(), body < 0
                        ? http(gateway, head)
                        : post(gateway, head,
                                request.substring(body + 2)),
                        request);
            }
        }
    }

    private static String post(TestGateway gateway, String head, String body) throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            socket.send((head + "\nHost: 127.0.0.1\nConnection: close\n\n").replace("\n", "\r\n") + body);
            return socket.readHead().substring(9, 12);
        }
    }

    @Test
    void publishesEventsOfPluginsToTheirAudienceOnly() throws Exception {
        PluginJar.of("news", """
                record Item(String title) {}
                static final EventType<Item> NEWS = EventType.of("plugin.news.item", Item.class,
                        Audience.holders(Scope.READ));
                @Override public void register(Registrar r) {
                    r.event(NEWS);
                    r.method(Method.of("news.tell", Scope.WRITE, Item.class, (p, call) -> {
                        r.context().events().publish(NEWS, p);
                        return null;
                    }));
                }
                """).writeTo(dropped(), "news.jar");
        try (TestGateway gateway = start();
                Client writer = gateway.admin();
                Client reader = gateway.with("operator.read");
                Client other = gateway.with("operator.pairing")) {
            writer.call("news.tell", Map.of("title", "crab found"));
            assertEquals("crab found", reader.await("plugin.news.item").text("title"));
            assertTrue(other.events().stream().noneMatch(event -> event.name().startsWith("plugin.")));
        }
    }

    @Test
    void givesAPluginItsSettingsFolderAndMoments() throws Exception {
        Path told = folder.resolve("told");
        PluginJar.of("settled",
                """
                        record Settings(String greeting, @org.jspecify.annotations.Nullable Integer port) {}
                        @Override public void register(Registrar r) throws Exception {
                            var settings = r.context().settings(Settings.class);
                            Files.writeString(r.context().stateFolder().resolve("mine"), "x");
                            r.method(Method.of("settled.greeting", Scope.READ, NoParams.class,
                                    (p, call) -> settings.current().greeting()));
                            r.hook(Hook.observe(GatewayStarted.class, e -> write("started " + (e.port() > 0))));
                            r.hook(Hook.observe(GatewayStopping.class, e -> write("stopping " + e.reason())));
                            r.service(new Service() {
                                public String name() { return "ticker"; }
                                public void start() throws Exception { write("service on"); }
                                public void stop() throws Exception { write("service off"); }
                            });
                            r.health("disk", () -> HealthProbe.Health.degraded("nearly full"));
                        }
                        @Override public void close() throws Exception { write("closed"); }
                        private static synchronized void write(String line) throws Exception {
                            Files.writeString(Path.of("%s"), line + "\\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                        }
                        """
                        .formatted(told))
                .writeTo(dropped(), "settled.jar");
        Path config = TestGateway.write(folder.resolve("c/chela.yaml"),
                "plugins: {entries: {settled: {config: {greeting: moin}}}}");
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
                Client client = gateway.admin()) {
            assertEquals(Json.of("moin"), client.call("settled.greeting"));
            Json health = client.call("health", Map.of("probe", true));
            assertEquals("degraded", health.text("status").orElse(""));
            assertEquals("nearly full", health.at("plugins").orElseThrow().at("health").orElseThrow()
                    .at("settled.disk").orElseThrow().text("summary").orElse(""));
        }
        assertTrue(Files.exists(folder.resolve("state/plugin-state/settled/mine")));
        assertEquals(List.of("service on", "started true", "stopping gateway stopping", "service off", "closed"),
                Files.readAllLines(told));
    }

    @Test
    void namesPathValueAndExpectationOfWrongSettings() throws Exception {
        PluginJar.of("settled", """
                record Settings(int port) {}
                @Override public void register(Registrar r) { r.context().settings(Settings.class); }
                """).writeTo(dropped(), "settled.jar");
        Path config = TestGateway.write(folder.resolve("c/chela.yaml"),
                "plugins: {entries: {settled: {config: {port: http}}}}");
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()))) {
            assertEquals("register failed: plugins.entries.settled.config.port: must be integer, found \"http\"",
                    report(gateway, "settled.jar").reason());
        }
    }

    @Test
    void loadsAPluginBehindTheOneItNeeds() throws Exception {
        PluginJar.of("a-late", """
                @Override public void register(Registrar r) throws Exception {
                    String word = (String) Class.forName("test.Words").getMethod("word").invoke(null);
                    r.method(Method.of("late.word", Scope.READ, NoParams.class, (p, call) -> word));
                }
                """).manifest("Plugin-Dependencies", "z-early@>=1.0.0, absent?").writeTo(dropped(), "a.jar");
        PluginJar.registering("z-early", "").source("test.Words",
                "package test; public class Words { public static String word() { return \"shared\"; } }")
                .writeTo(dropped(), "z.jar");
        try (TestGateway gateway = start(); Client client = gateway.admin()) {
            assertEquals(Json.of("shared"), client.call("late.word"), report(gateway, "a.jar").toString());
        }
    }

    @Test
    void hidesTheRuntimeAndItsLibrariesFromPlugins() throws Exception {
        PluginJar.of("nosy", """
                @Override public void register(Registrar r) {
                    r.method(Method.of("nosy.look", Scope.READ, NoParams.class, (p, call) -> List.of(
                            sees("dev.chela.runtime.Gateway"), sees("io.undertow.Undertow"), sees("org.pf4j.Plugin"),
                            sees("tools.jackson.databind.ObjectMapper"), sees("dev.chela.api.json.Json"))));
                }
                private static boolean sees(String name) {
                    try { Class.forName(name); return true; } catch (ClassNotFoundException e) { return false; }
                }
                """).writeTo(dropped(), "nosy.jar");
        try (TestGateway gateway = start(); Client client = gateway.admin()) {
            assertEquals(Json.of(List.of(false, false, false, false, true)), client.call("nosy.look"));
        }
    }

    @Test
    void obeysTheConfigurationAboutWhoIsLoaded() throws Exception {
        for (String id : List.of("one", "two", "three")) {
            PluginJar.registering(id, "").writeTo(dropped(), id + ".jar");
        }
        Path config = TestGateway.write(folder.resolve("c/chela.yaml"),
                "plugins: {deny: [one], entries: {two: {enabled: false}}}");
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()))) {
            assertEquals("plugins.deny names it", report(gateway, "one.jar").reason());
            assertEquals("plugins.entries.two.enabled is false", report(gateway, "two.jar").reason());
            assertTrue(report(gateway, "three.jar").isLoaded());
        }
    }

    // ---- broken jars ----

    @Test
    void survivesTenBrokenJarsAndSaysOfEachWhatIsWrong() throws Exception {
        Map<String, String> reasons = new LinkedHashMap<>();
        PluginJar.registering("entryless", "").without("META-INF/services/dev.chela.api.GatewayPlugin")
                .writeTo(dropped(), "01.jar");
        reasons.put("01.jar", "it names no GatewayPlugin in META-INF/services/dev.chela.api.GatewayPlugin");
        PluginJar.registering("modern", "").manifest("Plugin-Requires", ">=9.0.0").writeTo(dropped(), "02.jar");
        reasons.put("02.jar", "it requires API >=9.0.0; this gateway has 0.1.0");
        PluginJar.registering("thrower", "throw new IllegalStateException(\"no luck\");").writeTo(dropped(), "03.jar");
        reasons.put("03.jar", "register failed: java.lang.IllegalStateException: no luck");
        PluginJar.registering("first", method("same.name")).writeTo(dropped(), "04a.jar");
        PluginJar.registering("second", method("second.own") + method("same.name")).writeTo(dropped(), "04b.jar");
        reasons.put("04b.jar", "register failed: method 'same.name' belongs to plugin 'first'");
        PluginJar.registering("usurper", method("usurper.own") + method("health")).writeTo(dropped(), "05.jar");
        reasons.put("05.jar", "register failed: method 'health' is the gateway's own");
        PluginJar.registering("climber", method("config.steal")).writeTo(dropped(), "06.jar");
        reasons.put("06.jar", "register failed: method 'config.steal' begins with the reserved 'config.'");
        PluginJar
                .registering("scopeless",
                        "r.method(Method.of(\"scopeless.x\", (Scope) null, NoParams.class, (p, c) -> 1));")
                .writeTo(dropped(), "07.jar");
        reasons.put("07.jar", "register failed: method 'scopeless.x' has no scope");
        PluginJar.registering("doorless", "r.route(Route.get(\"/doorless\", null, x -> {}));").writeTo(dropped(),
                "08.jar");
        reasons.put("08.jar", "register failed: route '/doorless' has no door");
        PluginJar.registering("lonely", "").manifest("Plugin-Dependencies", "nobody").writeTo(dropped(), "09.jar");
        reasons.put("09.jar", "it needs plugin 'nobody', which is not loaded");
        Files.writeString(dropped().resolve("10.jar"), "this is no zip file");
        reasons.put("10.jar", "it is not a zip file");
        try (TestGateway gateway = start(); Client client = gateway.admin()) {
            reasons.forEach((file, reason) -> assertEquals(reason, report(gateway, file).reason(), file));
            List<Json> errors = client.call("health").at("plugins").orElseThrow().items("errors");
            assertEquals(reasons.size(), errors.size());
            List<Json> methods = client.client().hello().at("features").orElseThrow().items("methods");
            assertFalse(methods.contains(Json.of("second.own")) || methods.contains(Json.of("usurper.own")),
                    "nothing of a refused plugin remains");
            assertTrue(methods.contains(Json.of("same.name")));
            assertTrue(client.call("plugins.list").toString().contains("this gateway has 0.1.0"));
        }
    }

    private static String method(String name) {
        return "r.method(Method.of(\"" + name + "\", Scope.READ, NoParams.class, (p, c) -> 1));";
    }

    @Test
    void survivesJarsThatAreBrokenInOtherWays() throws Exception {
        PluginJar.registering("nameless", "").manifest("Plugin-Id", "").writeTo(dropped(), "11.jar");
        PluginJar.registering("unversioned", "").manifest("Plugin-Version", "soon").writeTo(dropped(), "12.jar");
        PluginJar.of("refuser", "@Override public void register(Registrar r) {}"
                + "@Override public void check(PluginContext c) { throw new IllegalArgumentException(\"no disk\"); }")
                .writeTo(dropped(), "13.jar");
        PluginJar
                .of("linkless",
                        "@Override public void register(Registrar r) { throw new NoClassDefFoundError(\"x\"); }")
                .writeTo(dropped(), "14.jar");
        PluginJar.registering("twin", "").writeTo(dropped(), "15.jar");
        PluginJar.registering("twin", "").writeTo(dropped(), "16.jar");
        PluginJar
                .registering("formless", "record P(Thread t) {} r.method(Method.of(\"formless.x\", Scope.READ, P.class,"
                        + " (p, c) -> 1));")
                .writeTo(dropped(), "17.jar");
        PluginJar.registering("circle-a", "").manifest("Plugin-Dependencies", "circle-b").writeTo(dropped(), "18.jar");
        PluginJar.registering("circle-b", "").manifest("Plugin-Dependencies", "circle-a").writeTo(dropped(), "19.jar");
        PluginJar.of("unmade", "public Pluginunmade() { throw new IllegalStateException(\"ctor\"); }"
                + "@Override public void register(Registrar r) {}").writeTo(dropped(), "20.jar");
        try (TestGateway gateway = start()) {
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("11.jar", "its manifest has no Plugin-Id");
            expected.put("12.jar", "its manifest says Plugin-Version: soon, which must look like 1.2.3");
            expected.put("13.jar", "check failed: no disk");
            expected.put("14.jar", "register failed: java.lang.NoClassDefFoundError: x");
            expected.put("16.jar", "another jar has the id 'twin' already: 15.jar");
            expected.put("17.jar", "register failed: component 't' of test.Pluginformless$1P: no JSON form for"
                    + " java.lang.Thread");
            expected.put("19.jar", "it needs plugin 'circle-a', which is not loaded");
            expected.put("20.jar", "its entry class cannot be made: java.lang.IllegalStateException: ctor");
            expected.forEach((file, reason) -> assertEquals(reason, report(gateway, file).reason(), file));
            assertTrue(report(gateway, "15.jar").isLoaded());
        }
    }

    @Test
    void tellsTheCallerNothingOfWhatBrokeInside() throws Exception {
        PluginJar.registering("crash", "r.method(Method.of(\"crash.now\", Scope.READ, NoParams.class, (p, c) -> {"
                + " throw new IllegalStateException(\"secret path /etc\"); }));"
                + "r.method(Method.of(\"crash.hard\", Scope.READ, NoParams.class, (p, c) -> {"
                + " throw new NoClassDefFoundError(\"secret\"); }));"
                + "r.method(Method.of(\"crash.form\", Scope.READ, NoParams.class, (p, c) -> new Object() {"
                + " public Object getSelf() { return Thread.currentThread(); } }));").writeTo(dropped(), "crash.jar");
        try (TestGateway gateway = start(); Client client = gateway.admin()) {
            var refused = client.refused("crash.now", Map.of());
            assertEquals("UNAVAILABLE", refused.code());
            assertEquals("crash.now failed; the gateway's log says why", refused.getMessage());
            assertEquals("crash.hard failed; the gateway's log says why",
                    client.refused("crash.hard", Map.of()).getMessage());
        }
    }

    @Test
    void loadsFromACopySoThatADroppedJarMayBeOverwritten() throws Exception {
        Path jar = PluginJar.registering("copied", method("copied.x")).writeTo(dropped(), "copied.jar");
        try (TestGateway gateway = start(); Client client = gateway.admin()) {
            Files.writeString(jar, "overwritten");
            assertEquals(Json.of(1), client.call("copied.x"));
            Optional<PluginReport> loaded = gateway.gateway().plugins().stream().filter(PluginReport::isLoaded)
                    .filter(one -> "copied".equals(one.id())).findFirst();
            assertEquals("user", loaded.orElseThrow().origin());
        }
    }

    @Test
    void letsOthersBeServedWhileAPluginSpins() throws Exception {
        PluginJar.registering("spinner", "r.method(Method.of(\"spinner.spin\", Scope.READ, NoParams.class, (p, c) -> {"
                + " while (!Thread.currentThread().isInterrupted()) { Thread.onSpinWait(); } return 1; })"
                + ".within(java.time.Duration.ofSeconds(1)));").writeTo(dropped(), "spinner.jar");
        PluginJar.registering("busy", method("busy.x")).writeTo(dropped(), "busy.jar");
        try (TestGateway gateway = start(); Client spins = gateway.admin(); Client works = gateway.admin()) {
            for (int i = 0; i < 40; i++) {
                spins.client().begin("spinner.spin", Json.of(Map.of()));
            }
            for (int i = 0; i < 20; i++) {
                assertTrue(works.call("health").flag("ok").orElse(false));
                assertEquals(Json.of(1), works.call("busy.x"));
            }
        }
    }
}
