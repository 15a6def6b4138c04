package dev.chela.runtime.wire;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.chela.api.json.Json;
import dev.chela.runtime.Gateway;
import dev.chela.runtime.Options;
import dev.chela.runtime.client.GatewayClient.Closed;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.config.ConfigException;
import dev.chela.runtime.instance.BusyException;
import dev.chela.runtime.lifecycle.StageException;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.SettableClock;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Starting, living and stopping.
class LifecycleWireTest {

    @TempDir
    Path folder;

    private static Throwable refusal(Options options) {
        return Objects.requireNonNull(
                assertThrows(StageException.class, () -> Gateway.start(options).close()).getCause());
    }

    // ---- starting ----

    @Test
    void generatesATokenOnceAndKeepsItToItself() throws Exception {
        Options options = Options.in(folder.resolve("fresh")).onPort(0).withEnvironment(Map.of());
        String token;
        try (Gateway gateway = Gateway.start(options)) {
            Path file = Path.of(gateway.tokenFile());
            token = Files.readString(file).strip();
            assertEquals(43, token.length());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        }
        try (Gateway gateway = Gateway.start(options)) {
            assertEquals(token, Files.readString(Path.of(gateway.tokenFile())).strip());
        }
    }

    @Test
    void keepsEveryFileToItsUser() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("status");
        }
        try (var files = Files.walk(folder.resolve("state"))) {
            for (Path file : files.toList()) {
                String others = PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).substring(3);
                assertEquals("------", others, file.toString());
            }
        }
    }

    @Test
    void namesTheHolderOfAStateFolderInUse() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder)) {
            Throwable refusal = refusal(Options.in(folder.resolve("state")).onPort(0).withToken("t"));
            assertInstanceOf(BusyException.class, refusal);
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("pid " + ProcessHandle.current().pid() + ", port " + gateway.port()), message);
        }
    }

    @Test
    void keepsItsLockWhenASecondGatewayOfTheSameProcessIsRefused() throws Exception {
        Path state = folder.resolve("state");
        Path link = Files.createSymbolicLink(folder.resolve("link"), state);
        try (TestGateway gateway = TestGateway.start(folder)) {
            assertInstanceOf(BusyException.class, refusal(Options.in(state).onPort(0).withToken("t")));
            assertInstanceOf(BusyException.class, refusal(Options.in(link).onPort(0).withToken("t")));
            String inode = ":" + Files.getAttribute(state.resolve("gateway.lock"), "unix:ino") + " ";
            assertTrue(Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(line -> line.contains(inode)),
                    "the lock of port " + gateway.port() + " is gone");
        }
    }

    @Test
    void listensOnBothLoopbackAddressesOrNotAtAll() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            assertInstanceOf(BusyException.class,
                    refusal(Options.in(folder.resolve("state")).onPort(taken.getLocalPort()).withToken("t")));
        }
    }

    @Test
    void namesAnAddressThatThisMachineDoesNotHave() throws Exception {
        Path config = TestGateway.write(folder.resolve("elsewhere.yaml"),
                "gateway: {bind: custom, customBindHost: 203.0.113.7}");
        Throwable refusal = refusal(
                Options.in(folder.resolve("state")).onPort(0).withToken("t").withConfig(config.toString()));
        assertInstanceOf(ConfigException.class, refusal);
        assertTrue(String.valueOf(refusal.getMessage()).startsWith("port 0 on 203.0.113.7 cannot be used: "),
                refusal::toString);
    }

    @Test
    void namesTheHolderOfAPortInUse() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[]{127, 0, 0, 1}))) {
            Throwable refusal = refusal(
                    Options.in(folder.resolve("state")).onPort(taken.getLocalPort()).withToken("t"));
            assertInstanceOf(BusyException.class, refusal);
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("port " + taken.getLocalPort()), message);
            assertTrue(message.contains("pid " + ProcessHandle.current().pid()), message);
        }
        TestGateway.start(folder).close();
    }

    @Test
    void leavesNothingBehindAfterAFailedStart() throws Exception {
        Path config = TestGateway.write(folder.resolve("bad.yaml"), "gateway: {port: many}");
        Options bad = Options.in(folder.resolve("state")).withConfig(config.toString()).withToken("t");
        assertInstanceOf(ConfigException.class, refusal(bad));
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            assertTrue(client.call("health").flag("ok").orElse(false));
        }
    }

    @Test
    void refusesAStoreThatIsNone() throws Exception {
        TestGateway.write(folder.resolve("state/chela.db"), "this is no database, whatever its name says. ".repeat(50));
        Throwable refusal = refusal(Options.in(folder.resolve("state")).onPort(0).withToken("t"));
        assertTrue(String.valueOf(refusal.getMessage()).contains("chela.db"), refusal.toString());
    }

    @Test
    void listensOnBothLoopbackAddresses() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder);
                var socket = new Socket(InetAddress.ofLiteral("::1"), gateway.port())) {
            assertTrue(socket.isConnected());
        }
    }

    @Test
    void worksWithAnOpenclawConfigurationAsItIs() throws Exception {
        Path config = TestGateway.write(folder.resolve("openclaw.json"), """
                // comments are fine
                { gateway: { mode: 'local', auth: { mode: 'token', token: '${MY_TOKEN}', allowTailscale: false },
                    controlUi: { allowedOrigins: ['http://localhost:5173'], }, tailscale: { mode: 'off' } },
                  channels: { telegram: { enabled: true, botToken: '123:secret' } },
                  agents: { defaults: { workspace: '~/w', model: { primary: 'fake/fake-1' } },
                    list: [{ id: 'main', default: true, identity: { name: 'Clawd', emoji: '🦞' }, workspace: '~/w' },
                           { id: 'work', heartbeat: { every: '0m' } }] },
                  models: { mode: 'merge', providers: { fake: { baseUrl: 'http://127.0.0.1:1/v1/', apiKey: 'sk-secret',
                    api: 'openai-completions', models: [{ id: 'fake-1', name: 'Fake One', reasoning: false,
                      input: ['text'], cost: { input: 0, output: 0 }, contextWindow: 128000, maxTokens: 4096 }] } } } }
                """);
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withConfig(config.toString())
                .with(Options.Overrides.NONE).onPort(0).withEnvironment(Map.of("MY_TOKEN", TestGateway.TOKEN)));
                Client client = gateway.admin()) {
            Json agents = client.call("agents.list");
            assertEquals("main", agents.text("defaultId").orElse(""));
            assertEquals("Clawd", agents.items("agents").getFirst().text("name").orElse(""));
            assertEquals("fake/fake-1",
                    agents.items("agents").getLast().at("model").orElseThrow().text("primary").orElse(""));
            assertEquals("fake-1", client.call("models.list").items("models").getFirst().text("id").orElse(""));
            String shown = client.call("config.get").toString();
            assertTrue(shown.contains("__OPENCLAW_REDACTED__") && !shown.contains("secret")
                    && !shown.contains(TestGateway.TOKEN), shown);
            assertTrue(shown.contains("agents.list[].workspace is not used by this gateway"), shown);
            assertEquals("no engine answers for agent 'main'; see `chela plugins list`", failure(client));
        }
    }

    private static String failure(Client client) throws Exception {
        client.call("chat.send", Map.of("sessionKey", "main", "message", "x", "idempotencyKey", "k"));
        return client.await("chat", event -> event.text("state").equals("error")).text("errorMessage");
    }

    // ---- living ----

    @Test
    void ticksAndPingsAndEndsWhoeverDoesNotAnswer() throws Exception {
        Limits standard = Limits.standard();
        var limits = new Limits(standard.frameBeforeAuth(), standard.frame(), standard.outbox(),
                standard.allOutboxes(), standard.unfinished(), standard.handshake(), Duration.ofMillis(200),
                Duration.ofMillis(500));
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withLimits(limits));
                RawSocket silent = RawSocket.webSocketTo(gateway.port());
                Client client = gateway.admin()) {
            silent.connect();
            client.await("tick");
            client.await("tick");
            RawSocket.Received frame = silent.read();
            while (frame.opcode() != 9) {
                frame = silent.read();
            }
            assertEquals("no pong", silent.readClose().closeReason());
            assertTrue(client.call("health").flag("ok").orElse(false), "the JDK's client answers pings by itself");
        }
    }

    @Test
    void showsWhoIsPresentToThoseWhoMayRead() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client watcher = gateway.with("operator.read")) {
            var ui = Identity.cli(TestGateway.TOKEN, null).as("test", "ui", "operator");
            try (Client other = gateway.connect(ui)) {
                Json present = watcher.await("presence").payload();
                assertTrue(present.items("presence").stream()
                        .anyMatch(entry -> entry.text("mode").filter("ui"::equals).isPresent()), present.toString());
                assertTrue(other.client().hello().text("type").isPresent());
            }
            watcher.await("presence", event -> event.payload().toString().contains("disconnect"));
            List<Json> list = ((Json.Arr) watcher.call("system-presence")).items();
            assertEquals("gateway", list.getFirst().text("mode").orElse(""));
        }
    }

    @Test
    void takesBeaconsAndNotes() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("system-event",
                    Map.of("text",
                            "Node: studio (10.0.0.7) · app 1.2 · last input 5s ago · mode local · reason beacon"));
            String list = client.call("system-presence").toString();
            assertTrue(list.contains("studio") && list.contains("10.0.0.7"), list);
            client.call("system-event", Map.of("text", "the kettle boils"));
            client.call("chat.send", Map.of("sessionKey", "main", "message", "what?", "idempotencyKey", "k"));
            String said = client.await("chat", event -> event.text("state").equals("final")).payload().toString();
            assertTrue(said.contains("System: the kettle boils"), said);
        }
    }

    @Test
    void tellsVoiceModeToThoseWhoMayTalk() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("talk.mode", Map.of("enabled", true, "phase", "listening"));
            assertEquals("listening", client.await("talk.mode").text("phase"));
        }
    }

    @Test
    void answersFromEveryListOfTheCatalogue() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            for (String method : List.of("health", "status", "channels.status", "agents.list", "agent.identity.get",
                    "models.list", "node.list", "device.pair.list", "sessions.list", "commands.list", "config.get",
                    "plugins.list", "logs.tail", "system-presence")) {
                Json answer = client.call(method);
                assertTrue(answer instanceof Json.Obj || answer instanceof Json.Arr, method + ": " + answer);
            }
        }
    }

    @Test
    void readsTheEndOfItsLog() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            Json tail = client.call("logs.tail");
            long cursor = tail.whole("cursor").orElse(-1L);
            assertTrue(cursor >= 0);
            Json more = client.call("logs.tail", Map.of("cursor", cursor));
            assertTrue(more.whole("cursor").orElse(-1L) >= cursor);
            assertTrue(client.call("logs.tail", Map.of("cursor", cursor + 1_000_000)).flag("reset").orElse(false));
        }
    }

    // ---- slow readers ----

    @Test
    void closesWhoeverDoesNotReadAndServesAllOthers() throws Exception {
        Limits standard = Limits.standard();
        var limits = new Limits(standard.frameBeforeAuth(), standard.frame(), 256 << 10, standard.allOutboxes(),
                standard.unfinished(), standard.handshake(), standard.tick(), standard.ping());
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withLimits(limits));
                RawSocket deaf = RawSocket.webSocketTo(gateway.port());
                Client client = gateway.admin();
                Client reader = gateway.admin()) {
            deaf.connect();
            String phase = "x".repeat(100_000);
            int told = 0;
            while (gateway.gateway().connections() > 2 && told < 1000) {
                client.call("talk.mode", Map.of("enabled", true, "phase", phase));
                reader.await("talk.mode");
                told++;
            }
            assertEquals(2, gateway.gateway().connections(), "the deaf client is gone");
        }
    }

    @Test
    void letsAPeerThatReadsSlowlyHaveLargeAnswers() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder);
                Client client = gateway.admin();
                RawSocket slow = RawSocket.webSocketTo(gateway.port())) {
            slow.connect();
            String text = "y".repeat(500_000);
            client.call("chat.send", Map.of("sessionKey", "big", "message", text, "idempotencyKey", "k"));
            client.await("chat", event -> event.text("state").equals("final"));
            for (int i = 0; i < 12; i++) {
                slow.text("{\"type\":\"req\",\"id\":\"h" + i
                        + "\",\"method\":\"chat.history\",\"params\":{\"sessionKey\":\"big\"}}");
            }
            for (int i = 0; i < 12; i++) {
                assertTrue(slow.readUntil("\"id\":\"h" + i + "\"").length() > 950_000);
            }
        }
    }

    // ---- stopping ----

    @Test
    void saysGoodbyeToEverybody() throws Exception {
        TestGateway gateway = TestGateway.start(folder);
        try (Client client = gateway.admin()) {
            assertEquals(List.of(), gateway.gateway().stop());
            assertEquals("gateway stopping", client.await("shutdown").text("reason"));
            assertEquals(new Closed(1012, "service restart"), client.client().awaitClose(TestGateway.PATIENCE));
        }
        TestGateway.start(folder).close();
    }

    @Test
    void tellsClientsThatARunWasCutOffBeforeItSaysGoodbye() throws Exception {
        TestGateway gateway = TestGateway.start(folder, options -> options.drainingFor(Duration.ZERO));
        try (Client client = gateway.admin()) {
            client.call("chat.send", Map.of("sessionKey", "s", "message", "shown !hang", "idempotencyKey", "a"));
            client.await("chat", event -> event.text("state").equals("delta"));
            assertEquals(List.of(), gateway.gateway().stop());
            assertEquals("interrupted", client.await("chat", event -> event.text("state").equals("aborted"))
                    .text("stopReason"));
            client.await("shutdown");
        }
    }

    @Test
    void leavesAFolderAloneThatBelongsToSomebodyElse() throws Exception {
        Path foreign = folder.resolve("foreign");
        TestGateway.write(foreign.resolve("letter.txt"), "dear");
        Files.setPosixFilePermissions(foreign, PosixFilePermissions.fromString("rwxr-xr-x"));
        StageException refused = assertThrows(StageException.class,
                () -> TestGateway.start(folder, options -> Options.in(foreign).withToken("t")));
        assertEquals("the folder " + foreign + " is not empty and no state folder; name a new or an empty one with"
                + " --state-dir", String.valueOf(refused.getCause()).replaceFirst("^[^ ]* ", ""));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(foreign)));
    }

    @Test
    void takesUpWhatWasAcceptedBeforeItStopped() throws Exception {
        Path gate = folder.resolve("gate");
        try (TestGateway gateway = TestGateway.start(folder, options -> options.drainingFor(Duration.ZERO));
                Client client = gateway.admin()) {
            client.call("chat.send", Map.of("sessionKey", "s", "message", "!await=" + gate + " first",
                    "idempotencyKey", "a"));
            client.call("chat.send", Map.of("sessionKey", "s", "message", "second", "idempotencyKey", "b"));
            client.call("chat.send", Map.of("sessionKey", "t", "message", "shown !hang", "idempotencyKey", "c"));
            client.await("chat", event -> event.text("runId").equals("c"));
        }
        Files.createFile(gate);
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("agent.wait", Map.of("runId", "b"));
            List<Json> said = client.call("chat.history", Map.of("sessionKey", "s")).items("messages");
            assertEquals(4, said.size(), said.toString());
            assertTrue(said.get(1).toString().contains("first") && said.get(3).toString().contains("second"));
            List<Json> cut = client.call("chat.history", Map.of("sessionKey", "t")).items("messages");
            assertEquals("interrupted", cut.get(1).text("stopReason").orElse(""), cut.toString());
            assertEquals("ok", client.call("chat.send", Map.of("sessionKey", "t", "message", "shown !hang",
                    "idempotencyKey", "c")).text("status").orElse(""), "what was interrupted never runs again");
        }
    }

    @Test
    void measuresTimeByItsOwnClock() throws Exception {
        var clock = new SettableClock(Instant.parse("2026-01-02T03:04:05Z"));
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withClock(clock));
                Client client = gateway.admin()) {
            assertEquals(clock.millis(), client.call("node.list").whole("ts").orElse(0L));
            clock.pass(Duration.ofMinutes(1));
            assertEquals(clock.millis(), client.call("node.list").whole("ts").orElse(0L));
        }
    }
}
