package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.Pictures;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/// What becomes of messages that arrive while another one is being answered.
class QueueModesWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private void send(String id, String text, String mode) throws Exception {
        client.call("chat.send",
                Map.of("sessionKey", "s", "message", text, "idempotencyKey", id, "queueMode", mode));
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    private List<String> history() throws Exception {
        return client.call("chat.history", Map.of("sessionKey", "s")).items("messages").stream()
                .map(message -> message.text("role").orElse("").charAt(0) + ":" + text(message)).toList();
    }

    private Path gate() {
        return folder.resolve("gate");
    }

    @Test
    void answersCollectedMessagesTogether() throws Exception {
        send("1", "!await=" + gate(), "followup");
        send("2", "two", "collect");
        send("3", "three", "collect");
        send("4", "four", "followup");
        send("5", "five", "collect");
        TestGateway.write(gate(), "");
        Event third = end("3");
        assertEquals("collected", third.text("stopReason"));
        assertFalse(third.payload().at("message").isPresent());
        assertEquals("two\n\nthree", end("2").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals("five", end("5").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals(
                List.of("u:!await=" + gate(), "a:", "u:two\n\nthree", "a:two\n\nthree", "u:four", "a:four", "u:five",
                        "a:five").stream().filter(line -> !line.equals("a:")).toList(),
                history());
        assertEquals("ok", client.call("chat.send", Map.of("sessionKey", "s", "message", "three", "idempotencyKey", "3",
                "queueMode", "collect")).text("status").orElse(""));
    }

    @Test
    void givesTheEngineAtWorkWhatIsMeantToSteerIt() throws Exception {
        send("1", "begin !await=" + gate() + " !steer end", "followup");
        send("2", "left", "steer");
        send("3", "right", "steer");
        TestGateway.write(gate(), "");
        assertEquals("steered", end("2").text("stopReason"));
        assertEquals("steered", end("3").text("stopReason"));
        assertEquals("begin steered by [left, right] end",
                end("1").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals(List.of("u:left", "u:right"), history().subList(1, 3));
    }

    @Test
    void answersInItsTurnWhatSomethingIsAttachedTo() throws Exception {
        send("1", "begin !await=" + gate() + " !steer end", "followup");
        Map<String, Object> crab = Pictures.attachment("a.png", "image/png", Pictures.png(50, 1));
        for (String mode : List.of("steer", "collect")) {
            Map<String, Object> params = Pictures.message("s", "!attached", mode, crab);
            params.put("queueMode", mode);
            client.call("chat.send", params);
        }
        send("4", "left", "collect");
        TestGateway.write(gate(), "");
        String seen = Pictures.said("a.png", "image/png", true, Pictures.png(50, 1));
        assertEquals("begin steered by [] end",
                end("1").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals(seen, end("steer").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals(seen, end("collect").payload().at("message").map(QueueModesWireTest::text).orElse(""));
        assertEquals("left", end("4").payload().at("message").map(QueueModesWireTest::text).orElse(""));
    }

    @Test
    void answersInItsTurnWhatNoEngineAsksFor() throws Exception {
        send("1", "!await=" + gate(), "followup");
        send("2", "too late", "steer");
        TestGateway.write(gate(), "");
        assertEquals("too late", end("2").payload().at("message").map(QueueModesWireTest::text).orElse(""));
    }

    @Test
    void letsTheConfigurationChoose() throws Exception {
        stop();
        TestGateway.write(folder.resolve("state/chela.yaml"), "messages: {queue: {mode: interrupt}}");
        start();
        client.call("chat.send", Map.of("sessionKey", "s", "message", "!hang", "idempotencyKey", "1"));
        client.call("chat.send", Map.of("sessionKey", "s", "message", "now", "idempotencyKey", "2"));
        assertEquals("interrupt", end("1").text("stopReason"));
        assertEquals("now", end("2").payload().at("message").map(QueueModesWireTest::text).orElse(""));
    }

    @Test
    void takesOverNothingWhoseAnswerIsStopped() throws Exception {
        send("1", "!await=" + gate(), "followup");
        send("2", "two", "collect");
        send("3", "three", "collect");
        client.call("chat.abort", Map.of("sessionKey", "s", "runId", "3"));
        TestGateway.write(gate(), "");
        assertEquals("two", end("2").payload().at("message").map(QueueModesWireTest::text).orElse(""));
    }

    @Test
    void leavesRoomForPeopleWhateverSubagentsAndTheClockAreAt() throws Exception {
        stop();
        TestGateway.write(folder.resolve("state/chela.yaml"),
                "agents: {defaults: {subagents: {maxConcurrent: 1}}}\ncron: {maxConcurrentRuns: 1}");
        start();
        for (String lane : List.of("subagent", "cron")) {
            for (String id : List.of(lane + ":a", lane + ":b")) {
                client.call("chat.send", Map.of("sessionKey", id, "message", id + " !await=" + gate(), "idempotencyKey",
                        id));
            }
        }
        client.call("chat.send", Map.of("sessionKey", "s", "message", "person", "idempotencyKey", "p"));
        assertEquals("final", end("p").text("state"));
        for (String id : List.of("subagent:b", "cron:b")) {
            assertEquals("timeout", client.call("agent.wait", Map.of("runId", id, "timeoutMs", 1)).text("status")
                    .orElse(""));
        }
        TestGateway.write(gate(), "");
        for (String id : List.of("subagent:b", "cron:b")) {
            assertEquals("ok", client.call("agent.wait", Map.of("runId", id)).text("status").orElse(""));
        }
    }

    @Test
    void interruptsOnlyWhatIsAtWork() throws Exception {
        stop();
        TestGateway.write(folder.resolve("state/chela.yaml"), "agents: {defaults: {maxConcurrent: 1}}");
        start();
        client.call("chat.send", Map.of("sessionKey", "a", "message", "!await=" + gate(), "idempotencyKey", "a"));
        send("1", "first", "followup");
        send("2", "second", "interrupt");
        TestGateway.write(gate(), "");
        assertEquals("final", end("1").text("state"));
    }

    @Test
    void keepsWhatAPersonSaysOutOfWhatNoChatShows() throws Exception {
        stop();
        PluginJar
                .registering("beat",
                        """
                                r.method(Method.of("beat.ask", Scope.WRITE, NoParams.class, (p, call) -> {
                                    var asking = new Thread(() -> {
                                        try {
                                            r.context().sessions().ask(r.context().sessions().main(), "!await=GATE !steer", "heartbeat");
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
                                    asking.start();
                                    return "ok";
                                }));
                                """
                                .replace("GATE", gate().toString()))
                .writeTo(folder.resolve("state/plugins"), "beat.jar");
        start();
        client.call("beat.ask");
        while (!client.call("sessions.describe", Map.of("key", "main")).at("session")
                .flatMap(row -> row.flag("hasActiveRun")).orElse(false)) {
            Thread.onSpinWait();
        }
        client.call("chat.send", Map.of("sessionKey", "main", "message", "a question", "idempotencyKey", "p",
                "queueMode", "steer"));
        TestGateway.write(gate(), "");
        assertEquals("a question", end("p").payload().at("message").map(QueueModesWireTest::text).orElse(""));
    }

    @Test
    void showsGatesEverythingThatIsAnsweredTogether() throws Exception {
        stop();
        PluginJar.registering("guard", """
                r.hook(Hook.gate(RunStarting.class, m -> m.message().contains("forbidden")
                        ? Optional.of("no") : Optional.empty()));
                """).writeTo(folder.resolve("state/plugins"), "guard.jar");
        start();
        send("1", "!await=" + gate() + " !steer", "followup");
        send("2", "innocent", "collect");
        send("3", "forbidden", "collect");
        send("4", "forbidden", "steer");
        TestGateway.write(gate(), "");
        assertEquals("error", end("2").text("state"));
        assertEquals("error", end("4").text("state"));
    }

    @Test
    void collectsNoMoreThanOneMessageMaySay() throws Exception {
        String half = "!fail " + "x".repeat(600_000);
        send("1", "!await=" + gate(), "followup");
        send("2", half, "collect");
        send("3", half, "collect");
        TestGateway.write(gate(), "");
        assertEquals("error", end("2").text("state"));
        assertEquals("error", end("3").text("state"), "it was answered by itself");
    }
}
