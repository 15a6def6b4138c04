package dev.chela.plugin.openai;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

/// A gateway with the plugin out of its jar, a provider, and somebody who chats.
record OpenAiGateway(TestGateway gateway, FakeProvider provider, Client client) implements AutoCloseable {

    static final String KEY = "sk-test-4fJ29dkQ0pLwZx";

    /// How a chat ended and what was seen of it before.
    record Chat(String shown, Event end) {

        String state() {
            return end.text("state");
        }

        String answer() {
            return end.payload().at("message").map(OpenAiGateway::text).orElse("");
        }

        String error() {
            return end.text("errorMessage");
        }

        String kind() {
            return end.text("errorKind");
        }
    }

    /// A gateway whose configuration names the provider and the model `fake/crab-1`.
    ///
    /// @param more further lines of the configuration, YAML
    static OpenAiGateway configured(Path folder, String more) throws Exception {
        return configured(folder, more, options -> options);
    }

    /// The same with other options.
    static OpenAiGateway configured(Path folder, String more, UnaryOperator<Options> change) throws Exception {
        var provider = new FakeProvider();
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                models: {providers: {fake: {baseUrl: '%s', apiKey: '%s', api: openai-completions}}}
                agents: {defaults: {model: fake/crab-1}}
                %s
                """.formatted(provider.baseUrl(), KEY, more));
        return start(folder, provider, change);
    }

    static OpenAiGateway start(Path folder, FakeProvider provider, UnaryOperator<Options> change) throws Exception {
        var gateway = TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder, change);
        return new OpenAiGateway(gateway, provider, gateway.admin());
    }

    static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    /// Sends a message; says the run's id.
    String send(String session, String message) throws Exception {
        return client.call("chat.send", Map.of("sessionKey", session, "message", message, "idempotencyKey",
                UUID.randomUUID().toString())).text("runId").orElseThrow();
    }

    /// Waits for the end of a run.
    Chat end(String run) throws InterruptedException {
        var shown = new StringBuilder();
        Event end = client.await("chat", event -> {
            if (event.text("runId").equals(run) && event.text("state").equals("delta")) {
                shown.append(event.text("deltaText"));
            }
            return event.text("runId").equals(run) && !event.text("state").equals("delta");
        });
        return new Chat(shown.toString(), end);
    }

    /// Sends a message and waits for the end of its run.
    Chat chat(String session, String message) throws Exception {
        return end(send(session, message));
    }

    /// Says something in a session of its own and waits for the answer.
    Chat chat() throws Exception {
        return chat(UUID.randomUUID().toString(), "hello");
    }

    List<Json> history(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages");
    }

    @Override
    public void close() throws IOException {
        client.close();
        gateway.close();
        provider.close();
    }
}
