package dev.chela.runtime.wire;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What plugins do when they are called: whatever it is, the caller is answered and nobody else suffers.
class PluginCallsTest {

    /// More than there are threads for.
    private static final int SPINNING = 40;

    @TempDir
    Path folder;

    private Path dropped() {
        return folder.resolve("state/plugins");
    }

    private static String method(String name, String body) {
        return "r.method(Method.of(\"" + name + "\", Scope.READ, NoParams.class, (p, call) -> { " + body + " }));";
    }

    private static String get(TestGateway gateway, String path) throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            socket.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            return socket.readHead().substring(9, 12);
        }
    }

    // ---- errors ----

    @Test
    void answersTheCallerWhenAPluginThrowsAnError() throws Exception {
        PluginJar.registering("wreck", method("wreck.link", "throw new NoClassDefFoundError(\"x\");")
                + method("wreck.code", "throw new RpcException(null, \"odd\");")
                + "r.method(Method.of(\"wreck.scope\", p -> { throw new StackOverflowError(); }, NoParams.class,"
                + " (p, call) -> 1));"
                + "r.method(Method.of(\"wreck.lane\", Scope.READ, NoParams.class, (p, call) -> 1)"
                + ".inLane(p -> { throw new NoClassDefFoundError(\"y\"); }));"
                + "r.route(Route.get(\"/wreck\", Door.open(), x -> { throw new NoClassDefFoundError(\"x\"); }));"
                + "r.health(\"wreck\", () -> { throw new NoClassDefFoundError(\"x\"); });"
                + "r.hook(Hook.observe(GatewayStarted.class, e -> { throw new NoClassDefFoundError(\"x\"); }));")
                .writeTo(dropped(), "wreck.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            for (String name : new String[]{"wreck.link", "wreck.code", "wreck.scope", "wreck.lane"}) {
                ClientException refused = client.refused(name, Map.of());
                assertEquals("UNAVAILABLE " + name + " failed; the gateway's log says why",
                        refused.code() + " " + refused.getMessage());
            }
            assertEquals("500", get(gateway, "/wreck"));
            assertEquals("java.lang.NoClassDefFoundError: x", client.call("health").at("plugins").orElseThrow()
                    .at("health").orElseThrow().at("wreck.wreck").orElseThrow().text("summary").orElse(""));
        }
    }

    @Test
    void endsARunWhoseEngineThrowsAnError() throws Exception {
        PluginJar.registering("wreck", "r.engine(\"wreck\", new AgentEngine() {"
                + " public Optional<Model> defaultModel() { return Optional.of(new Model(\"p\", \"m\", \"m\", 0, 0, null)); }"
                + " public TurnResult run(Turn turn, TurnSink sink) { throw new NoClassDefFoundError(\"x\"); } });")
                .writeTo(dropped(), "wreck.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("chat.send", Map.of("sessionKey", "main", "message", "hi", "idempotencyKey", "k1"));
            assertEquals("error", client.await("chat").text("state"));
        }
    }

    // ---- results ----

    @Test
    void givesOddResultsASaneFormOrAClearError() throws Exception {
        Map<String, String> results = new LinkedHashMap<>();
        PluginJar
                .of("odd",
                        """
                                record Holder(String absent, Optional<String> none, Optional<String> some, Color color) {}
                                enum Color { RED }
                                record Knot(List<Object> list) {}
                                record Broken(String x) { public String x() { throw new StackOverflowError(); } }
                                static Object made(String what) {
                                    switch (what) {
                                        case "nan": return Double.NaN;
                                        case "infinite": return List.of(Double.POSITIVE_INFINITY);
                                        case "keys": return Map.of(1, "one");
                                        case "nullkey": { var m = new HashMap<String, Object>(); m.put(null, 1); return m; }
                                        case "holder": return new Holder(null, Optional.empty(), Optional.of("s"), Color.RED);
                                        case "instant": return java.time.Instant.EPOCH;
                                        case "duration": return java.time.Duration.ofSeconds(90);
                                        case "date": return java.time.LocalDate.EPOCH;
                                        case "optional": return Optional.of(1);
                                        case "knot": { var l = new ArrayList<Object>(); l.add(new Knot(l)); return l; }
                                        case "broken": return new Broken("x");
                                        case "object": return new Object();
                                        case "bytes": return new byte[]{1, 2};
                                        case "endless": return (Iterable<Integer>) () -> new Iterator<Integer>() {
                                            public boolean hasNext() { return true; }
                                            public Integer next() { return 7; }
                                        };
                                        case "huge": return "x".repeat(30 << 20);
                                        case "deep": { Json j = Json.of(1); for (int i = 0; i < 100000; i++) { j = new Json.Arr(List.of(j)); } return j; }
                                        default: return null;
                                    }
                                }
                                record P(String what) {}
                                @Override public void register(Registrar r) {
                                    r.method(Method.of("odd.get", Scope.READ, P.class, (p, call) -> made(p.what())));
                                    r.method(Method.of("odd.progress", Scope.READ, P.class, (p, call) -> {
                                        try { call.progress(made(p.what())); return "sent"; }
                                        catch (IllegalArgumentException e) { return String.valueOf(e.getMessage()).length() < 500 ? "refused" : "long"; }
                                    }));
                                }
                                """)
                .writeTo(dropped(), "odd.jar");
        results.put("nan", "Text[value=NaN]");
        results.put("infinite", "Arr[items=[Text[value=Infinity]]]");
        results.put("keys", "Obj[members={1=Text[value=one]}]");
        results.put("holder", "Obj[members={some=Text[value=s], color=Text[value=RED]}]");
        results.put("instant", "Text[value=1970-01-01T00:00:00Z]");
        results.put("duration", "Text[value=PT1M30S]");
        results.put("date", "Text[value=1970-01-01]");
        results.put("optional", "Num[value=1]");
        results.put("bytes", "Text[value=AQI=]");
        results.put("nothing", "VALUE");
        results.put("object", "Obj[members={}]");
        for (String none : new String[]{"nullkey", "knot", "broken", "deep"}) {
            results.put(none, "response serialization failed");
        }
        for (String large : new String[]{"huge", "endless"}) {
            results.put(large, "the result of odd.get is larger than a frame may be");
        }
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            Map<String, String> found = new LinkedHashMap<>();
            for (String what : results.keySet()) {
                try {
                    found.put(what, client.call("odd.get", Map.of("what", what)).toString());
                } catch (ClientException e) {
                    found.put(what, String.valueOf(e.getMessage()));
                }
            }
            assertEquals(results, found);
            assertEquals("refused", client.call("odd.progress", Map.of("what", "huge")).plain());
            assertEquals("refused", client.call("odd.progress", Map.of("what", "knot")).plain());
        }
    }

    @Test
    void refusesEventsThatAreTooLargeOrNotAsRegistered() throws Exception {
        PluginJar
                .of("loud",
                        """
                                record Item(String text) {}
                                static final EventType<Item> NEWS = EventType.of("loud.news", Item.class, Audience.everyone());
                                @Override public void register(Registrar r) {
                                    r.event(NEWS);
                                    r.method(Method.of("loud.large", Scope.READ, NoParams.class, (p, call) -> tell(r, NEWS, new Item("x".repeat(3 << 20)))));
                                    r.method(Method.of("loud.wrong", Scope.READ, NoParams.class, (p, call) -> tell(r, (EventType) NEWS, "text")));
                                    r.method(Method.of("loud.other", Scope.READ, NoParams.class, (p, call) -> tell(r, EventType.of("loud.news", Item.class, Audience.holders(Scope.ADMIN)), new Item("x"))));
                                    r.method(Method.of("loud.late", Scope.READ, NoParams.class, (p, call) -> {
                                        try { r.event(EventType.of("loud.late", Json.class, Audience.everyone())); return "taken"; }
                                        catch (IllegalStateException e) { return e.getMessage(); }
                                    }));
                                }
                                static <P> Object tell(Registrar r, EventType<P> type, P item) {
                                    try { r.context().events().publish(type, item); return "told"; }
                                    catch (IllegalArgumentException e) { return e.getMessage(); }
                                }
                                """)
                .writeTo(dropped(), "loud.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertEquals("event 'loud.news' is larger than 1048576 bytes", client.call("loud.large").plain());
            assertEquals("event 'loud.news' carries test.Pluginloud$Item, not java.lang.String",
                    client.call("loud.wrong").plain());
            assertEquals("plugin 'loud' did not register event 'loud.news' like this",
                    client.call("loud.other").plain());
            assertEquals("plugin 'loud' registers after it was asked to", client.call("loud.late").plain());
            assertTrue(client.events().stream().noneMatch(event -> event.name().startsWith("loud.")));
        }
    }

    // ---- threads ----

    @Test
    void runsPluginsWithTheirOwnClassLoaderAsContext() throws Exception {
        PluginJar.of("inside", """
                static volatile boolean registered, checked, started, probed, hooked, serviced;
                boolean own() { return Thread.currentThread().getContextClassLoader() == getClass().getClassLoader(); }
                public Plugininside() { registered = own(); }
                @Override public void register(Registrar r) {
                    registered &= own();
                    r.hook(Hook.observe(GatewayStarted.class, e -> hooked = own()));
                    r.health("h", () -> { probed = own(); return HealthProbe.Health.ok(); });
                    r.service(new Service() {
                        public String name() { return "s"; }
                        public void start() { serviced = own(); }
                        public void stop() {}
                    });
                    r.method(Method.of("inside.look", Scope.READ, NoParams.class, (p, call) ->
                            List.of(own(), registered, checked, probed, hooked, serviced)));
                    r.method(Method.of("inside.wait", Scope.READ, NoParams.class, (p, call) -> own())
                            .waiting(java.time.Duration.ofSeconds(5)));
                    r.route(Route.get("/inside", Door.open(), x -> x.text(own() ? 200 : 500, "")));
                }
                @Override public void check(PluginContext c) { checked = own(); }
                """).writeTo(dropped(), "inside.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertEquals("[true, true, true, true, true, true]", client.call("inside.look").plain() + "");
            assertEquals(true, client.call("inside.wait").plain());
            assertEquals("200", get(gateway, "/inside"));
        }
    }

    @Test
    void neverStartsACallThatHasExpiredInTheQueue() throws Exception {
        PluginJar
                .of("late",
                        """
                                static final java.util.concurrent.atomic.AtomicInteger runs = new java.util.concurrent.atomic.AtomicInteger();
                                static final java.util.concurrent.CountDownLatch go = new java.util.concurrent.CountDownLatch(1);
                                @Override public void register(Registrar r) {
                                    r.method(Method.of("late.hold", Scope.READ, NoParams.class, (p, call) -> {
                                        runs.incrementAndGet();
                                        while (go.getCount() > 0) { try { go.await(); } catch (InterruptedException e) { } }
                                        return 1;
                                    }).within(java.time.Duration.ofMillis(300)).inLane(p -> "one"));
                                    r.method(Method.of("late.free", Scope.READ, NoParams.class, (p, call) -> {
                                        go.countDown();
                                        return 1;
                                    }));
                                    r.method(Method.of("late.runs", Scope.READ, NoParams.class, (p, call) -> runs.get())
                                            .inLane(p -> "one"));
                                }
                                """)
                .writeTo(dropped(), "late.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.client().begin("late.hold", Json.of(Map.of()));
            assertEquals("late.hold took longer than 300 ms", client.refused("late.hold", Map.of()).getMessage());
            client.call("late.free");
            assertEquals(Json.of(1), client.call("late.runs"));
        }
    }

    @Test
    void asksAHangingProbeOnceAndInterruptsIt() throws Exception {
        PluginJar
                .of("stuck",
                        """
                                static volatile int asked;
                                static volatile boolean interrupted;
                                @Override public void register(Registrar r) {
                                    r.health("stuck", () -> {
                                        asked++;
                                        while (!interrupted) {
                                            try { Thread.sleep(100_000); } catch (InterruptedException e) { interrupted = true; }
                                        }
                                        return HealthProbe.Health.ok();
                                    });
                                    r.method(Method.of("stuck.seen", Scope.READ, NoParams.class, (p, call) -> List.of(asked, interrupted)));
                                }
                                """)
                .writeTo(dropped(), "stuck.jar");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertEquals("no answer within 5 s", client.call("health").at("plugins").orElseThrow().at("health")
                    .orElseThrow().at("stuck.stuck").orElseThrow().text("summary").orElse(""));
            assertEquals("[1, true]", client.call("stuck.seen").plain() + "");
        }
    }

    @Test
    void namesAPluginThatSpinsAndLetsItDoNothingElseMeanwhile() throws Exception {
        PluginJar.of("spinner", """
                static volatile boolean enough;
                @Override public void register(Registrar r) {
                    r.method(Method.of("spinner.spin", Scope.READ, NoParams.class, (p, call) -> {
                        while (!enough) { Thread.onSpinWait(); }
                        return 1;
                    }));
                    r.method(Method.of("spinner.light", Scope.READ, NoParams.class, (p, call) -> 1));
                }
                public static void stop() { enough = true; }
                """).writeTo(dropped(), "spinner.jar");
        PluginJar.registering("busy", method("busy.x", "return 1;")).writeTo(dropped(), "busy.jar");
        PluginJar
                .registering("release",
                        method("release.now", "Class.forName(\"test.Pluginspinner\").getMethod(\"stop\")"
                                + ".invoke(null); return 1;"))
                .manifest("Plugin-Dependencies", "spinner").writeTo(dropped(),
                        "release.jar");
        try (TestGateway gateway = TestGateway.start(folder);
                Client spins = gateway.admin();
                Client works = gateway.admin()) {
            for (int i = 0; i < 40; i++) {
                spins.client().begin("spinner.spin", Json.of(Map.of()));
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            String state = "";
            while (!state.equals("spins") && System.nanoTime() < end) {
                assertEquals(Json.of(1), works.call("busy.x"));
                assertTrue(works.call("health").flag("ok").orElse(false));
                state = state(works);
            }
            assertEquals("spins", state);
            ClientException refused = works.refused("spinner.light", Map.of());
            assertEquals("UNAVAILABLE too many calls of this plugin are waiting",
                    refused.code() + " " + refused.getMessage());
            works.call("release.now");
            while (state.equals("spins") && System.nanoTime() < end) {
                state = state(works);
            }
            assertEquals("enabled", state);
            assertEquals(Json.of(1), works.call("spinner.light"));
        }
    }

    @Test
    void letsOtherPluginsRunWhileOneSpinsInAllItsTurns() throws Exception {
        PluginJar.of("spinner", """
                static volatile boolean enough;
                @Override public void register(Registrar r) {
                    r.engine("spinner", (turn, sink) -> {
                        while (!enough) { Thread.onSpinWait(); }
                        sink.text("at last");
                        return new TurnResult(TurnResult.StopReason.STOP, new TurnResult.Usage(1, 1, 0));
                    });
                }
                public static void stop() { enough = true; }
                """).writeTo(dropped(), "spinner.jar");
        PluginJar.registering("busy", method("busy.x", "return 1;")).writeTo(dropped(), "busy.jar");
        PluginJar.registering("release",
                method("release.now", "Class.forName(\"test.Pluginspinner\").getMethod(\"stop\")"
                        + ".invoke(null); return 1;"))
                .manifest("Plugin-Dependencies", "spinner").writeTo(dropped(), "release.jar");
        TestGateway.write(folder.resolve("state/chela.yaml"), "agents: {defaults: {engine: spinner}}\n");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            for (int i = 0; i < SPINNING; i++) {
                client.call("chat.send", Map.of("sessionKey", "s" + i, "message", "spin", "idempotencyKey", "k" + i));
            }
            assertEquals(Json.of(1), client.call("busy.x"));
            client.call("release.now");
            for (int i = 0; i < SPINNING; i++) {
                assertEquals("ok", client.call("agent.wait", Map.of("runId", "k" + i)).text("status").orElse(""));
            }
        }
    }

    private static String state(Client client) throws Exception {
        return client.call("plugins.list").items("plugins").stream()
                .filter(plugin -> plugin.text("id").orElse("").equals("spinner"))
                .map(plugin -> plugin.flag("spins").orElse(false) ? "spins" : plugin.text("state").orElse(""))
                .findFirst().orElse("");
    }

    @Test
    void cutsOffARouteThatHangs() throws Exception {
        PluginJar.registering("slow", "r.route(Route.get(\"/slow\", Door.open(), x -> Thread.sleep(100_000))"
                + ".within(java.time.Duration.ofMillis(300)));").writeTo(dropped(), "slow.jar");
        try (TestGateway gateway = TestGateway.start(folder)) {
            assertEquals("503", get(gateway, "/slow"));
        }
    }

    @Test
    void answersAPluginsMethodsWhileSlowClientsSendBodiesToItsRoutes() throws Exception {
        PluginJar.registering("inlet", "r.route(Route.post(\"/inlet\", Door.open(), x -> x.body().readAllBytes()));"
                + method("inlet.x", "return 1;")).writeTo(dropped(), "inlet.jar");
        var sockets = new ArrayList<RawSocket>();
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            for (int i = 0; i < 30; i++) {
                RawSocket socket = RawSocket.to(gateway.port());
                sockets.add(socket);
                socket.send("POST /inlet HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx");
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(Json.of(1), client.client().call("inlet.x", Json.of(Map.of()), Duration.ofSeconds(5)));
            }
        } finally {
            for (RawSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
