package dev.chela.runtime.wire;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Runs under load, under engines that misbehave, and at their limits.
class RunsWireTest {

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

    private GatewayClient.Pending begin(String session, String text, String id) {
        return client.client().begin("chat.send",
                Json.of(Map.of("sessionKey", session, "message", text, "idempotencyKey", id)));
    }

    private void send(String session, String text, String id) throws Exception {
        begin(session, text, id).get(TestGateway.PATIENCE);
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    @Test
    void answersTheSenderBeforeItTellsAnybodyOfTheRun() throws Exception {
        try (RawSocket raw = RawSocket.webSocketTo(gateway.port())) {
            raw.connect();
            for (int i = 0; i < 20; i++) {
                raw.text("{\"type\":\"req\",\"id\":\"q" + i + "\",\"method\":\"chat.send\",\"params\":{\"sessionKey\":"
                        + "\"s" + i + "\",\"message\":\"hi\",\"idempotencyKey\":\"run" + i + "\"}}");
                String first = raw.readUntil("run" + i);
                assertTrue(first.contains("\"type\":\"res\""), first);
                raw.readUntil("\"state\":\"final\"");
            }
        }
    }

    @Test
    void neverRunsTwoOfASessionAtOnceHoweverTheyArrive() throws Exception {
        int each = 100;
        List<Thread> senders = new ArrayList<>();
        for (int sender = 0; sender < 3; sender++) {
            String name = "x" + sender;
            senders.add(Thread.ofPlatform().start(() -> sendOneAfterTheOther(name, each)));
        }
        int open = 0;
        for (int ended = 0; ended < 3 * each;) {
            Event event = client.await("agent", one -> one.text("stream").equals("lifecycle"));
            boolean begins = event.payload().at("data").flatMap(data -> data.text("phase")).orElse("").equals("start");
            open += begins ? 1 : -1;
            ended += begins ? 0 : 1;
            assertTrue(open == 0 || open == 1, () -> "two at once: " + event);
        }
        for (Thread sender : senders) {
            sender.join();
        }
    }

    private void sendOneAfterTheOther(String name, int count) {
        try (Client other = gateway.admin()) {
            for (int i = 0; i < count; i++) {
                String id = name + "-" + i;
                other.call("chat.send", Map.of("sessionKey", "s", "message", "m", "idempotencyKey", id));
                other.await("chat", one -> one.text("runId").equals(id) && one.text("state").equals("final"));
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goesOnAfterAnEngineThatThrowsWhatIsNoException() throws Exception {
        send("s", "!error", "a");
        assertEquals("error", end("a").text("state"));
        send("s", "next", "b");
        assertEquals("final", end("b").text("state"));
    }

    @Test
    void goesOnAfterAnEngineThatEndsInterrupted() throws Exception {
        client.call("sessions.subscribe");
        send("s", "!resign", "a");
        end("a");
        send("s", "next", "b");
        assertEquals("final", end("b").text("state"));
    }

    @Test
    void cutsAnAnswerThatDoesNotEnd() throws Exception {
        send("s", "!flood", "a");
        Event end = end("a");
        assertEquals("error", end.text("state"));
        assertEquals("the answer is longer than 512 KiB", end.text("errorMessage"));
    }

    @Test
    void givesTheLongestAnswerToEverybodyWhoReads() throws Exception {
        String longest = "€".repeat(170_000);
        try (Client other = gateway.admin()) {
            other.call("sessions.messages.subscribe", Map.of("key", "s"));
            send("s", longest, "a");
            for (Client reader : List.of(client, other)) {
                Event end = reader.await("chat", event -> event.text("state").equals("final"));
                assertTrue(end.payload().at("message").orElseThrow().toString().contains(longest));
            }
            send("s", longest + longest, "b");
            assertEquals("the answer is longer than 512 KiB", end("b").text("errorMessage"));
            assertTrue(other.call("health").flag("ok").orElse(false));
        }
    }

    @Test
    void listsAMessageAsWaitingUntilItsTurnOnly() throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        send("s", "!await=" + first, "a");
        send("s", "!await=" + second, "b");
        Files.createFile(first);
        client.await("agent", event -> event.text("runId").equals("b"));
        Json history = client.call("chat.history", Map.of("sessionKey", "s"));
        assertEquals(0L, history.at("pendingInputs").orElseThrow().whole("total").orElse(9L));
        Files.createFile(second);
        end("b");
    }

    @Test
    void keepsWhatWasSaidEvenIfItWasStoppedBeforeItsTurn() throws Exception {
        send("s", "!hang", "a");
        send("s", "waiting", "b");
        client.call("chat.abort", Map.of("sessionKey", "s", "runId", "b"));
        end("b");
        Json history = client.call("chat.history", Map.of("sessionKey", "s"));
        assertTrue(history.items("messages").toString().contains("waiting"), history.toString());
        assertEquals(0L, history.at("pendingInputs").orElseThrow().whole("total").orElse(9L));
    }

    @Test
    void refusesMoreThanMayWaitInASessionAndTakesItLater() throws Exception {
        Path gate = folder.resolve("gate");
        List<GatewayClient.Pending> sent = new ArrayList<>();
        for (int i = 0; i < 203; i++) {
            sent.add(begin("s", i == 0 ? "!await=" + gate : "m" + i, "k" + i));
        }
        int refused = 0;
        for (GatewayClient.Pending one : sent) {
            try {
                one.get(TestGateway.PATIENCE);
            } catch (ClientException e) {
                assertEquals("UNAVAILABLE", e.code());
                assertTrue(String.valueOf(e.getMessage()).contains("200 messages wait"), e.getMessage());
                refused++;
            }
        }
        assertEquals(2, refused);
        send("s", "m1", "k1"); // a repetition of what was accepted is no new message
        Files.createFile(gate);
        end("k200");
        send("s", "m202", "k202");
        assertEquals("final", end("k202").text("state"));
    }

    @Test
    void limitsHowManyRunsAConnectionWaitsFor() throws Exception {
        Path gate = folder.resolve("gate");
        send("s", "!await=" + gate, "run");
        List<GatewayClient.Pending> waits = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            waits.add(client.client().begin("agent.wait", Json.of(Map.of("runId", "run"))));
        }
        int refused = 0;
        for (int i = 0; refused < 44; i = i % waits.size()) {
            try {
                waits.get(i++).get(Duration.ofMillis(1));
            } catch (ClientException e) {
                if (e.code().equals("UNAVAILABLE")) {
                    waits.remove(--i);
                    refused++;
                }
            }
        }
        Files.createFile(gate);
        for (GatewayClient.Pending wait : waits) {
            assertEquals("ok", wait.get(TestGateway.PATIENCE).text("status").orElse(""));
        }
        assertEquals("ok", client.call("agent.wait", Map.of("runId", "run")).text("status").orElse(""));
    }

    @Test
    void stopsTheAnswerUnderWayForAMessageThatInterrupts() throws Exception {
        send("s", "!hang", "a");
        send("s", "second", "b");
        client.call("chat.send", Map.of("sessionKey", "s", "message", "third", "idempotencyKey", "c", "queueMode",
                "interrupt"));
        assertEquals("interrupt", end("a").text("stopReason"));
        assertEquals("final", end("b").text("state"), "what waits is not stopped");
        assertEquals("final", end("c").text("state"));
    }

    @Test
    void givesRoomToTheNextSessionIfTheOneThatWaitedHasNothingLeft() throws Exception {
        Path config = TestGateway.write(folder.resolve("one.yaml"), "agents: {defaults: {maxConcurrent: 1}}");
        stop();
        gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
        client = gateway.admin();
        send("a", "!hang", "a");
        send("b", "emptied", "b");
        send("c", "waits", "c");
        client.call("chat.abort", Map.of("sessionKey", "b"));
        client.call("chat.abort", Map.of("sessionKey", "a"));
        assertEquals("final", end("c").text("state"));
    }

    @Test
    void takesAnyWholeNumberAsATimeout() throws Exception {
        Map<String, Object> params = new HashMap<>(
                Map.of("sessionKey", "s", "message", "hi", "idempotencyKey", "k", "timeoutMs", 1));
        params.put("timeoutMs", new BigDecimal("9223372036854775808"));
        assertEquals("started", client.call("chat.send", params).text("status").orElse(""));
    }
}
