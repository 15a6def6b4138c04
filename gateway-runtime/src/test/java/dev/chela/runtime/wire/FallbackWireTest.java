package dev.chela.runtime.wire;

import java.nio.file.Path;
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

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Another model is asked when one fails.
class FallbackWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    /// The engine fails with the models that the message names.
    @BeforeEach
    void start() throws Exception {
        PluginJar.registering("picky", """
                r.engine("picky", (turn, sink) -> {
                    String model = turn.model().orElseThrow().id();
                    if (turn.message().contains(model + ":shown")) { sink.text("so far"); }
                    if (turn.message().contains(model + ":refuses")) {
                        throw new EngineException(EngineException.Kind.REFUSAL, model + " refuses");
                    } else if (turn.message().contains(model + ":")) {
                        throw new EngineException(EngineException.Kind.RATE_LIMIT, model + " is busy");
                    } else if (turn.message().contains(model + "?")) {
                        Thread.sleep(Long.MAX_VALUE);
                    }
                    sink.text(model + " heard " + turn.message());
                    return new TurnResult(TurnResult.StopReason.STOP, TurnResult.Usage.NONE);
                });
                """).writeTo(folder.resolve("state/plugins"), "picky.jar");
        Path config = TestGateway.write(folder.resolve("models.yaml"), """
                models: {providers: {p: {baseUrl: "http://127.0.0.1:1", models: [{id: one}, {id: two}, {id: three}]}}}
                agents: {defaults: {engine: picky, model: {primary: p/one, fallbacks: [p/two, p/one, p/three]}}}
                """);
        gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private Event asked(String message) throws Exception {
        client.call("chat.send", Map.of("sessionKey", "s", "message", message, "idempotencyKey", message));
        return client.await("chat",
                event -> event.text("runId").equals(message) && !event.text("state").equals("delta"));
    }

    private static String text(Event end) {
        return end.payload().at("message").orElseThrow().items("content").getFirst().text("text").orElse("");
    }

    @Test
    void asksTheNextModelAndSaysWhy() throws Exception {
        client.call("chat.send", Map.of("sessionKey", "s", "message", "one: two:", "idempotencyKey", "k"));
        Json first = data("k");
        assertEquals("p/one p/two one is busy", first.text("from").orElse("") + " " + first.text("to").orElse("") + " "
                + first.text("reason").orElse(""));
        assertEquals("p/three", data("k").text("to").orElse(""));
        Event end = client.await("chat", event -> event.text("state").equals("final"));
        assertEquals("three heard one: two:", text(end));
        Json answer = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getLast();
        assertEquals("three", answer.text("model").orElse(""));
        assertEquals(2, client.call("chat.history", Map.of("sessionKey", "s")).items("messages").size());
    }

    private Json data(String runId) throws InterruptedException {
        return client.await("agent", event -> event.text("runId").equals(runId)
                && event.text("stream").equals("run_status")).payload().at("data").orElseThrow();
    }

    @Test
    void tellsTheLastFailureWhenAllHaveFailed() throws Exception {
        assertEquals("three is busy", asked("one: two: three:").text("errorMessage"));
        assertEquals("one heard again", text(asked("again")));
    }

    @Test
    void asksNobodyElseOnceSomethingWasShownOrTheModelRefuses() throws Exception {
        assertEquals("one is busy", asked("one:shown").text("errorMessage"));
        assertEquals("one refuses", asked("one:refuses").text("errorMessage"));
    }

    @Test
    void keepsTheNotesOfTheSessionForTheNextModel() throws Exception {
        client.call("system-event", Map.of("text", "the lamp is on"));
        client.call("chat.send", Map.of("sessionKey", "main", "message", "one:", "idempotencyKey", "k"));
        Event end = client.await("chat", event -> event.text("state").equals("final"));
        assertTrue(text(end).contains("the lamp is on"), end::toString);
    }

    @Test
    void canBeStoppedWhileAnotherModelIsAsked() throws Exception {
        client.call("chat.send", Map.of("sessionKey", "s", "message", "one: two?", "idempotencyKey", "k"));
        data("k");
        client.await("agent", event -> event.text("stream").equals("lifecycle")
                && event.payload().at("data").flatMap(data -> data.text("model")).filter("two"::equals).isPresent());
        client.call("chat.abort", Map.of("sessionKey", "s"));
        assertEquals("aborted", client.await("chat").text("state"));
    }
}
