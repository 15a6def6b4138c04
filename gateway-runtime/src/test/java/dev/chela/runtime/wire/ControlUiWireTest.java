package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What the pages of the official Control UI and the screen of the terminal UI depend on. The scripted engine takes 3
/// tokens in and 5 out for each answer.
class ControlUiWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        Path config = TestGateway.write(folder.resolve("models.yaml"), """
                models: {providers: {p: {baseUrl: "http://127.0.0.1:1", models: [{id: m, contextWindow: 800}]}}}
                agents: {defaults: {engine: echo, model: p/m}}
                """);
        gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
        client = gateway.admin();
        client.call("chat.send", Map.of("sessionKey", "a", "message", "hello", "idempotencyKey", "1"));
        client.await("chat", event -> event.text("state").equals("final"));
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    @Test
    void listsSessionsForTheActivityPage() throws Exception {
        Map<String, Object> activity = Map.of("sortBy", "activity", "excludeSubagents", true, "excludeCron", true,
                "excludeSystem", true, "includeActivitySummary", true);
        assertEquals(1, client.call("sessions.list", activity).items("sessions").size());
    }

    @Test
    void listsTheSessionsAtWorkAlone() throws Exception {
        assertEquals(0L, total(Map.of("activeOnly", true)));
        assertEquals(1L, total(Map.of("activeOnly", false)));
    }

    @Test
    void knowsNoSessionWithABoard() throws Exception {
        assertEquals(0L, total(Map.of("hasBoard", true)));
        assertEquals(1L, total(Map.of("hasBoard", false)));
    }

    private long total(Map<String, Object> params) throws Exception {
        return client.call("sessions.list", params).whole("totalCount").orElse(-1L);
    }

    @Test
    void givesANewConversationAKeyByWhichThePagesName() throws Exception {
        String key = client.call("sessions.create").text("key").orElse("");
        assertTrue(key.startsWith("agent:main:dashboard:"), key);
    }

    @Test
    void tellsOfASessionThatBeganAnewWithoutItsNewId() throws Exception {
        client.call("sessions.subscribe");
        client.call("sessions.reset", Map.of("key", "a"));
        Json told = client.await("sessions.changed", event -> event.text("reason").equals("reset")).payload()
                .at("session").orElseThrow();
        assertEquals("agent:main:a", told.text("key").orElse(""));
        assertTrue(told.text("sessionId").isEmpty(), "the pages take another id for another session");
        assertTrue(client.call("sessions.describe", Map.of("key", "a")).at("session").orElseThrow().text("sessionId")
                .isPresent());
    }

    @Test
    void saysHowFullASessionIs() throws Exception {
        Json recent = client.call("status").at("sessions").orElseThrow().items("recent").getFirst();
        assertEquals(800L, recent.whole("contextTokens").orElse(0L));
        assertEquals(792L, recent.whole("remainingTokens").orElse(0L));
        assertEquals(1L, recent.whole("percentUsed").orElse(0L));
    }

    @Test
    void saysWhichModelTookHowMuch() throws Exception {
        Json usage = client.call("sessions.usage");
        assertEquals("p/m", usage.items("sessions").getFirst().text("modelProvider").orElse("") + "/"
                + usage.items("sessions").getFirst().text("model").orElse(""));
        Json own = usage.items("sessions").getFirst().at("usage").orElseThrow().items("modelUsage").getFirst();
        assertEquals("p/m 1", own.text("provider").orElse("") + "/" + own.text("model").orElse("") + " "
                + own.whole("count").orElse(0L));
        Json model = usage.at("aggregates").orElseThrow().items("byModel").getFirst();
        assertEquals("m", model.text("model").orElse(""));
        assertEquals(8L, model.at("totals").orElseThrow().whole("totalTokens").orElse(0L));
    }

    @Test
    void knowsItsProvidersAndNoQuestions() throws Exception {
        Json provider = client.call("models.authStatus").items("providers").getFirst();
        assertEquals("p static", provider.text("provider").orElse("") + " " + provider.text("status").orElse(""));
        assertEquals(List.of(), client.call("question.list").items("questions"));
    }
}
