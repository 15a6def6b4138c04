package dev.chela.runtime.wire;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Saying something and seeing the answer.
class ChatWireTest {

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

    private static Map<String, Object> message(String session, String text, String id) {
        return Map.of("sessionKey", session, "message", text, "idempotencyKey", id);
    }

    private Json send(String session, String text, String id) throws Exception {
        return client.call("chat.send", message(session, text, id));
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private List<String> history(String session) throws Exception {
        List<String> said = new ArrayList<>();
        for (Json message : client.call("chat.history", Map.of("sessionKey", session)).items("messages")) {
            said.add(message.text("role").orElse("") + ": " + text(message));
        }
        return said;
    }

    private static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    private static String textOf(Event event) {
        return event.payload().at("message").map(ChatWireTest::text).orElse("");
    }

    // ---- the way of an answer ----

    @Test
    void streamsAnAnswerFromAckToFinal() throws Exception {
        Json ack = send("main", "hello there crab", "run-1");
        assertEquals("run-1", ack.text("runId").orElse(""));
        assertEquals("started", ack.text("status").orElse(""));
        Event delta = client.await("chat", event -> event.text("state").equals("delta"));
        assertFalse(delta.text("deltaText").isEmpty());
        assertTrue("hello there crab".startsWith(textOf(delta)));
        Event last = end("run-1");
        assertEquals("final", last.text("state"));
        assertEquals("hello there crab", textOf(last));
        assertEquals("agent:main:main", last.text("sessionKey"));
        assertEquals(List.of("user: hello there crab", "assistant: hello there crab"), history("main"));
    }

    @Test
    void tellsEachStepOfARunToThoseWhoFollowAgents() throws Exception {
        send("main", "one", "steps");
        List<String> phases = new ArrayList<>();
        while (!phases.contains("lifecycle end")) {
            Event event = client.await("agent");
            phases.add(event.text("stream") + " " + event.payload().at("data").flatMap(data -> data.text("phase"))
                    .orElse(""));
        }
        assertEquals(List.of("lifecycle start", "assistant ", "lifecycle end"), phases);
    }

    @Test
    void numbersEventsPerConnectionWithoutGaps() throws Exception {
        try (RawSocket raw = RawSocket.webSocketTo(gateway.port())) {
            raw.connect();
            send("main", "count these words for me please", "numbers");
            long expected = 1;
            String frame = "";
            while (!frame.contains("\"state\":\"final\"")) {
                frame = raw.readUntil("\"type\":\"event\"");
                assertTrue(frame.endsWith(",\"seq\":" + expected + "}"), frame);
                expected++;
            }
        }
    }

    @Test
    void answersInTheOrderOfTheMessages() throws Exception {
        Path gate = folder.resolve("gate");
        List<GatewayClient.Pending> sent = new ArrayList<>();
        sent.add(client.client().begin("chat.send", Json.of(message("s", "!await=" + gate + " m0", "m0"))));
        for (int i = 1; i < 20; i++) {
            sent.add(client.client().begin("chat.send", Json.of(message("s", "m" + i, "m" + i))));
        }
        for (GatewayClient.Pending one : sent) {
            assertEquals("started", one.get(TestGateway.PATIENCE).text("status").orElse(""));
        }
        Json waiting = client.call("chat.history", Map.of("sessionKey", "s")).at("pendingInputs").orElseThrow();
        assertEquals(19L, waiting.whole("total").orElse(0L));
        Files.createFile(gate);
        List<String> answers = new ArrayList<>();
        while (answers.size() < 20) {
            Event event = client.await("chat", one -> one.text("state").equals("final"));
            answers.add(textOf(event));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals("m" + i, answers.get(i));
        }
        List<String> said = history("s");
        for (int i = 1; i < 20; i++) {
            assertEquals(List.of("user: m" + i, "assistant: m" + i), said.subList(2 * i, 2 * i + 2));
        }
    }

    @Test
    void runsSessionsSideBySide() throws Exception {
        Path gate = folder.resolve("gate");
        send("slow", "!await=" + gate + " late", "slow");
        send("fast", "early", "fast");
        assertEquals("early", textOf(end("fast")));
        Files.createFile(gate);
        assertEquals("late", textOf(end("slow")));
    }

    @Test
    void knowsOneSessionUnderAllItsNames() throws Exception {
        send("Work", "first", "a");
        end("a");
        send("agent:main:work", "second", "b");
        end("b");
        assertEquals(4, history("work").size());
        assertEquals(history("work"), history("agent:MAIN:WORK"));
    }

    @Test
    void givesTheEngineWhatWasSaidBefore() throws Exception {
        send("s", "first", "a");
        end("a");
        send("s", "!history", "b");
        assertEquals("user:first|assistant:first|", textOf(end("b")));
    }

    // ---- idempotency ----

    @Test
    void acceptsAMessageOnceHoweverOftenItIsSent() throws Exception {
        Path gate = folder.resolve("gate");
        String text = "!await=" + gate + " once";
        assertEquals("started", send("s", text, "k").text("status").orElse(""));
        assertEquals("in_flight", send("s", text, "k").text("status").orElse(""));
        Files.createFile(gate);
        end("k");
        assertEquals("ok", send("s", text, "k").text("status").orElse(""));
        assertEquals(2, history("s").size());
    }

    @Test
    void refusesAnotherMessageUnderTheSameKey() throws Exception {
        send("s", "this", "k");
        ClientException refused = client.refused("chat.send", message("s", "that", "k"));
        assertEquals("chat-request-conflict",
                refused.details() == null ? "" : refused.details().text("reason").orElse(""));
    }

    // ---- stopping ----

    @Test
    void stopsARunAndKeepsWhatItHadSaid() throws Exception {
        send("s", "started then !hang", "r");
        client.await("chat", event -> event.text("state").equals("delta"));
        Json stopped = client.call("chat.abort", Map.of("sessionKey", "s", "runId", "r"));
        assertTrue(stopped.flag("aborted").orElse(false));
        Event aborted = end("r");
        assertEquals("aborted", aborted.text("state"));
        assertEquals("rpc", aborted.text("stopReason"));
        assertEquals("started then ", textOf(aborted));
        assertEquals(List.of("user: started then !hang", "assistant: started then "), history("s"));
    }

    @Test
    void stopsTheWholeSessionAndThenGoesOn() throws Exception {
        send("s", "!hang", "a");
        send("s", "never", "b");
        List<Json> stopped = client.call("chat.abort", Map.of("sessionKey", "s")).items("runIds");
        assertEquals(List.of(Json.of("a"), Json.of("b")), stopped);
        send("s", "after", "c");
        assertEquals("after", textOf(end("c")));
    }

    @Test
    void stopsOnAWordInTheChat() throws Exception {
        send("s", "!hang", "a");
        assertEquals(List.of(Json.of("a")), send("s", "/stop", "b").items("runIds"));
        assertEquals("stop", end("a").text("stopReason"));
    }

    @Test
    void goesOnWithoutAnEngineThatDoesNotStop() throws Exception {
        send("s", "!deaf", "a");
        client.await("agent", event -> event.payload().at("data").flatMap(data -> data.text("phase"))
                .filter("start"::equals).isPresent());
        client.call("chat.abort", Map.of("sessionKey", "s"));
        send("s", "next", "b");
        assertEquals("next", textOf(end("b")));
    }

    @Test
    void abortsARunAtItsDeadline() throws Exception {
        Map<String, Object> params = new LinkedHashMap<>(message("s", "!hang", "late"));
        params.put("timeoutMs", 100);
        client.call("chat.send", params);
        assertEquals("timeout", end("late").text("stopReason"));
    }

    // ---- failures ----

    @Test
    void showsWhatAProviderSaysAndHidesWhatBroke() throws Exception {
        send("s", "!fail", "a");
        Event said = end("a");
        assertEquals("error", said.text("state"));
        assertEquals("the provider says no", said.text("errorMessage"));
        assertEquals("rate_limit", said.text("errorKind"));
        send("s", "!crash", "b");
        Event broke = end("b");
        assertEquals("error", broke.text("state"));
        assertFalse(broke.payload().toString().contains("secret details"));
    }

    @Test
    void refusesWhatIsNoMessage() throws Exception {
        assertEquals("message or attachment required",
                client.refused("chat.send", message("s", "  ", "k")).getMessage());
        Map<String, Object> attached = new LinkedHashMap<>(message("s", "see", "k"));
        attached.put("attachments", List.of(Map.of("type", "image")));
        assertTrue(String.valueOf(client.refused("chat.send", attached).getMessage())
                .contains("attachment 1 has no content"));
    }

    // ---- agent ----

    @Test
    void answersAgentInTwoStages() throws Exception {
        GatewayClient.Pending pending = client.client().begin("agent",
                Json.of(Map.of("message", "two stages", "idempotencyKey", "ag")));
        Json accepted = pending.get(TestGateway.PATIENCE);
        assertEquals("accepted", accepted.text("status").orElse(""));
        assertEquals("ag", accepted.text("runId").orElse(""));
        Json last = pending.get(TestGateway.PATIENCE);
        assertEquals("ok", last.text("status").orElse(""));
        assertEquals("two stages",
                last.at("result").orElseThrow().items("payloads").getFirst().text("text").orElse(""));
        Json again = client.call("agent", Map.of("message", "two stages", "idempotencyKey", "ag"));
        assertEquals("ok", again.text("status").orElse(""), "a repeated request gets the same end at once");
    }

    @Test
    void tellsAFailedAgentAsAnErrorWithAPayload() throws Exception {
        GatewayClient.Pending pending = client.client().begin("agent",
                Json.of(Map.of("message", "!fail", "idempotencyKey", "ag")));
        pending.get(TestGateway.PATIENCE);
        try {
            throw new AssertionError(pending.get(TestGateway.PATIENCE).toString());
        } catch (ClientException e) {
            assertEquals("UNAVAILABLE", e.code());
            assertEquals("the provider says no", e.getMessage());
        }
    }

    @Test
    void waitsForARunAsLongAsAsked() throws Exception {
        Path gate = folder.resolve("gate");
        send("s", "!await=" + gate + " done", "w");
        assertEquals("timeout",
                client.call("agent.wait", Map.of("runId", "w", "timeoutMs", 50)).text("status").orElse(""));
        assertEquals("timeout",
                client.call("agent.wait", Map.of("runId", "unknown", "timeoutMs", 1)).text("status").orElse(""));
        GatewayClient.Pending waiting = client.client().begin("agent.wait", Json.of(Map.of("runId", "w")));
        Files.createFile(gate);
        assertEquals("ok", waiting.get(TestGateway.PATIENCE).text("status").orElse(""));
        assertEquals("ok", client.call("agent.wait", Map.of("runId", "w")).text("status").orElse(""));
    }

    @Test
    void replacesHalfACharacterThatAClientCutOff() throws Exception {
        try (RawSocket raw = RawSocket.webSocketTo(gateway.port())) {
            raw.connect();
            raw.text("{\"type\":\"req\",\"id\":\"1\",\"method\":\"chat.send\",\"params\":{\"sessionKey\":\"s\","
                    + "\"message\":\"cut \\ud83d\",\"idempotencyKey\":\"half\"}}");
            raw.readUntil("\"state\":\"final\"");
        }
        String history = client.call("chat.history", Map.of("sessionKey", "s")).toString();
        assertTrue(history.contains("cut \uFFFD"), history);
    }

    // ---- following ----

    @Test
    void tellsOnlyThoseWhoSubscribedWhatChangesInSessions() throws Exception {
        try (Client follower = gateway.with("operator.read"); Client other = gateway.with("operator.read")) {
            follower.call("sessions.subscribe");
            follower.call("sessions.messages.subscribe", Map.of("key", "main"));
            send("main", "hi", "f");
            Event changed = follower.await("sessions.changed", event -> event.text("phase").equals("end"));
            Json row = changed.payload().at("session").orElseThrow();
            assertEquals("agent:main:main", row.text("key").orElse(""));
            assertEquals(false, row.flag("hasActiveRun").orElse(true), "what has ended is not shown as active");
            other.await("chat", event -> event.text("state").equals("final"));
            assertTrue(other.events().stream().noneMatch(event -> event.name().startsWith("session")));
            follower.call("sessions.messages.unsubscribe", Map.of("key", "agent:main:main"));
        }
    }

    @Test
    void tellsFollowersEachMessageOfASession() throws Exception {
        client.call("sessions.messages.subscribe", Map.of("key", "main"));
        send("main", "hi", "f");
        Event said = client.await("session.message");
        assertEquals("user", said.payload().at("message").orElseThrow().text("role").orElse(""));
        Event answered = client.await("session.message");
        assertEquals("assistant", answered.payload().at("message").orElseThrow().text("role").orElse(""));
        assertEquals(2L, answered.payload().whole("messageSeq").orElse(0L));
    }

    @Test
    void tellsNobodyWithoutReadScopeWhatIsSaid() throws Exception {
        try (Client outsider = gateway.with("operator.pairing"); Client insider = gateway.with("operator.read")) {
            send("main", "hi", "f");
            insider.await("chat", event -> event.text("state").equals("final"));
            assertTrue(outsider.events().stream()
                    .noneMatch(event -> event.name().equals("chat") || event.name().equals("agent")));
        }
    }

    // ---- lists ----

    @Test
    void listsAndDescribesSessions() throws Exception {
        for (String name : List.of("alpha", "beta", "gamma")) {
            String id = UUID.randomUUID().toString();
            send(name, "about " + name, id);
            end(id);
        }
        Json page = client.call("sessions.list", Map.of("limit", 2));
        assertEquals(3L, page.whole("totalCount").orElse(0L));
        assertEquals(2L, page.whole("nextOffset").orElse(0L));
        assertEquals("agent:main:gamma", page.items("sessions").getFirst().text("key").orElse(""));
        Json found = client.call("sessions.list", Map.of("search", "ABOUT bet"));
        assertEquals("agent:main:beta", found.items("sessions").getFirst().text("key").orElse(""));
        Json one = client.call("sessions.describe", Map.of("key", "beta")).at("session").orElseThrow();
        assertEquals("about beta", one.text("derivedTitle").orElse(""));
        assertTrue(client.call("sessions.describe", Map.of("key", "delta")).at("session").isEmpty());
    }

    @Test
    void pagesAHistoryByCountAndByBytes() throws Exception {
        for (int i = 0; i < 4; i++) {
            send("s", "message " + i, "h" + i);
            end("h" + i);
        }
        Json last = client.call("chat.history", Map.of("sessionKey", "s", "limit", 3));
        assertEquals(3, last.items("messages").size());
        assertEquals("message 3", text(last.items("messages").getLast()));
        assertTrue(last.flag("hasMore").orElse(false));
        Json earlier = client.call("chat.history", Map.of("sessionKey", "s", "limit", 3, "offset", 3));
        assertEquals("message 2", text(earlier.items("messages").getLast()));
        Json small = client.call("chat.startup", Map.of("sessionKey", "s", "maxBytes", 300));
        assertTrue(small.items("messages").size() < 3, small.toString());
    }

    @Test
    void showsASessionThatDoesNotExistYet() throws Exception {
        Json blank = client.call("chat.startup", Map.of("sessionKey", "agent:main:new"));
        assertEquals(List.of(), blank.items("messages"));
        assertEquals("agent:main:new", blank.at("sessionInfo").orElseThrow().text("key").orElse(""));
    }
}
