package dev.chela.plugin.heartbeat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The plugin `heartbeat` out of its jar, in a real gateway with an agent that does what the notes say.
class HeartbeatTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        PluginJar.of("notes", """
                @Override public void register(Registrar r) { r.engine("echo", this::answer); }

                private TurnResult answer(Turn turn, TurnSink sink) throws Exception {
                    String text = turn.message();
                    if (text.contains("fail:")) {
                        throw new EngineException(EngineException.Kind.UNKNOWN, "no model");
                    } else if (text.contains("await:")) {
                        Path file = Path.of(text.substring(text.indexOf("await:") + 6).split("\\n")[0]);
                        while (!Files.exists(file)) { Thread.sleep(5); }
                    } else if (text.contains("say:")) {
                        sink.text(text.substring(text.lastIndexOf("say:") + 4).split("\\n")[0]);
                    } else {
                        sink.text("heard: " + text);
                    }
                    return new TurnResult(TurnResult.StopReason.STOP, TurnResult.Usage.NONE);
                }
                """).writeTo(folder.resolve("state/plugins"), "notes.jar");
        TestGateway.write(folder.resolve("state/chela.yaml"), "agents: {list: [{id: main}, {id: other}]}\n");
        gateway = TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder, options -> options);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private void wake(String mode, String text) throws Exception {
        assertEquals(Json.of(Map.of("ok", true)), client.call("wake", Map.of("mode", mode, "text", text)));
    }

    private List<String> heard(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages").stream()
                .filter(message -> message.text("role").filter("assistant"::equals).isPresent())
                .map(message -> message.items("content").getFirst().text("text").orElse("")).toList();
    }

    private void chat(String text, String run) throws Exception {
        client.call("chat.send", Map.of("sessionKey", "main", "message", text, "idempotencyKey", run));
    }

    @Test
    void hasNoLastHeartbeatAtFirst() throws Exception {
        assertEquals(Json.Null.VALUE, client.call("last-heartbeat"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            say:HEARTBEAT_OK                                  | ok-token |           |
            say:**HEARTBEAT_OK**                              | ok-token |           |
            say:<b>HEARTBEAT_OK</b>. All is quiet             | ok-token |           |
            say:Nothing to do. HEARTBEAT_OK.                  | ok-token |           |
            say:                                              | ok-empty |           |
            say:The house HEARTBEAT_OK burns                  | skipped  | no-target | The house HEARTBEAT_OK burns
            say:HEARTBEAT_OKAY                                | skipped  | no-target | HEARTBEAT_OKAY
            say:The house burns                               | skipped  | no-target | The house burns
            fail:                                             | failed   | no model  |
            """, delimiter = '|')
    void tellsWhatCameOfAHeartbeat(String note, String status, String reason, String preview) throws Exception {
        wake("now", note);
        Event event = client.await("heartbeat");
        assertEquals(status, event.text("status"));
        assertEquals(String.valueOf(reason), event.payload().text("reason").orElse("null"));
        assertEquals(String.valueOf(preview), event.payload().text("preview").orElse("null"));
        assertTrue(event.payload().whole("ts").isPresent() && event.payload().whole("durationMs").isPresent());
        assertEquals(event.payload(), client.call("last-heartbeat"));
    }

    @Test
    void showsOnlyTheBeginningOfALongAnswerEvenIfItSaysNothing() throws Exception {
        wake("now", "say:HEARTBEAT_OK " + "\ud83e\udd80".repeat(151));
        String preview = client.await("heartbeat").text("preview");
        assertTrue(preview.startsWith("HEARTBEAT_OK ") && preview.length() <= 200 && preview.endsWith("\udd80…"),
                preview);
    }

    @Test
    void leavesANoteForTheNextTurn() throws Exception {
        wake("next-heartbeat", " the kettle boils ");
        chat("hello", "r");
        client.await("chat", event -> event.text("state").equals("final"));
        assertEquals(List.of("heard: System: the kettle boils\n\nhello"), heard("main"));
        assertEquals(Json.Null.VALUE, client.call("last-heartbeat"));
    }

    @Test
    void canBeSwitchedOffAndOn() throws Exception {
        assertEquals(Json.of(Map.of("ok", true, "enabled", false)),
                client.call("set-heartbeats", Map.of("enabled", false)));
        wake("now", "say:HEARTBEAT_OK");
        Event skipped = client.await("heartbeat");
        assertEquals("skipped disabled", skipped.text("status") + " " + skipped.text("reason"));
        client.call("set-heartbeats", Map.of("enabled", true));
        wake("now", "say:HEARTBEAT_OK");
        assertEquals("ok-token", client.await("heartbeat").text("status"));
    }

    @Test
    void waitsUntilTheSessionIsQuietAndTakesAllWakesAsOne() throws Exception {
        Path go = folder.resolve("go");
        chat("await:" + go, "r");
        client.await("agent");
        wake("now", "one");
        Event skipped = client.await("heartbeat");
        assertEquals("skipped requests-in-flight", skipped.text("status") + " " + skipped.text("reason"));
        wake("now", "two");
        wake("now", "say:HEARTBEAT_OK");
        Files.createFile(go);
        assertEquals("ok-token", client.await("heartbeat").text("status"));
        assertEquals(1, heard("main").stream().filter("HEARTBEAT_OK"::equals).count());
    }

    /// One that takes long hinders no other.
    @Test
    void wakesSeveralSessionsAtOnce() throws Exception {
        client.call("wake", Map.of("mode", "now", "text", "await:" + folder.resolve("never"), "sessionKey", "slow"));
        client.call("wake", Map.of("mode", "now", "text", "say:HEARTBEAT_OK", "agentId", "other", "extra", 1));
        assertEquals("ok-token", client.await("heartbeat").text("status"));
        assertEquals(List.of("HEARTBEAT_OK"), heard("agent:other:main"));
    }

    @Test
    void refusesWhatIsNoWake() throws Exception {
        assertEquals("text required", client.refused("wake", Map.of("mode", "now", "text", "  ")).getMessage());
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of("mode", "later", "text", "x"),
                Map.of("text", "x"), Map.of("mode", "now", "text", ""), Map.of("mode", "now", "text", "x".repeat(4097)),
                Map.of("mode", "now", "text", 1))) {
            String said = String.valueOf(client.refused("wake", wrong).getMessage());
            assertTrue(said.startsWith("invalid wake params: "), said);
        }
        assertTrue(String.valueOf(client.refused("wake", Map.of("mode", "now", "text", "x", "agentId", "nobody"))
                .getMessage()).contains("nobody"));
        assertTrue(String.valueOf(client.refused("set-heartbeats", Map.of("enabled", "yes")).getMessage())
                .startsWith("invalid set-heartbeats params: "));
    }

    @Test
    void needsTheScopeOfEachMethod() throws Exception {
        try (Client reader = gateway.with("operator.read")) {
            assertEquals("missing scope: operator.write",
                    reader.refused("wake", Map.of("mode", "now", "text", "x")).getMessage());
            assertEquals("missing scope: operator.admin",
                    reader.refused("set-heartbeats", Map.of("enabled", true)).getMessage());
            assertEquals(Json.Null.VALUE, reader.call("last-heartbeat"));
        }
        try (Client reader = gateway.with("operator.read"); Client pairer = gateway.with("operator.pairing")) {
            assertEquals("missing scope: operator.read", pairer.refused("last-heartbeat", Map.of()).getMessage());
            wake("now", "say:a secret");
            assertEquals("a secret", reader.await("heartbeat").text("preview"));
            pairer.call("health");
            assertTrue(pairer.events().stream().noneMatch(event -> event.name().equals("heartbeat")));
        }
    }
}
