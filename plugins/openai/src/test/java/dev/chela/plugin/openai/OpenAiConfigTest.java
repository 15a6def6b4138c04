package dev.chela.plugin.openai;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.testing.TestGateway;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Where the base URL, the key and the model come from.
class OpenAiConfigTest {

    @TempDir
    Path folder;

    private static FakeProvider provider() throws Exception {
        return new FakeProvider().streams(FakeProvider.text("yes"), FakeProvider.finish("stop"));
    }

    private static void assertAsked(OpenAiGateway chats, String model, String authorization) throws Exception {
        assertEquals("yes", chats.chat().answer());
        FakeProvider.Asked asked = chats.provider().asked();
        assertEquals(model, asked.body().text("model").orElse(""));
        assertEquals(authorization, asked.header("authorization"));
    }

    @Test
    void takesAnOpenClawConfigurationAsItIs() throws Exception {
        FakeProvider provider = provider();
        Path file = TestGateway.write(folder.resolve("openclaw.json"), """
                {
                  // as the original writes it
                  models: {mode: 'merge', providers: {local: {baseUrl: '%s/', apiKey: '${LOCAL_KEY}',
                    api: 'openai-completions', models: [{id: 'org/crab-7b', name: 'Crab', reasoning: false,
                      input: ['text'], cost: {input: 0, output: 0, cacheRead: 0, cacheWrite: 0}, contextWindow: 8192,
                      maxTokens: 512}]}}},
                  agents: {defaults: {model: {primary: 'local/org/crab-7b'}}},
                }
                """.formatted(provider.baseUrl()));
        try (var chats = OpenAiGateway.start(folder, provider, options -> options.withConfig(file.toString())
                .withEnvironment(Map.of("LOCAL_KEY", "k-1")))) {
            assertEquals("yes", chats.chat().answer());
            FakeProvider.Asked asked = provider.asked();
            assertTrue(asked.head().startsWith("POST /v1/chat/completions "), asked.head());
            assertEquals("org/crab-7b", asked.body().text("model").orElse(""));
            assertEquals(512L, asked.body().whole("max_tokens").orElse(0L));
            assertEquals("Bearer k-1", asked.header("authorization"));
        }
    }

    @Test
    void takesTheEnvironmentWhereNothingIsConfigured() throws Exception {
        FakeProvider provider = provider();
        try (var chats = OpenAiGateway.start(folder, provider, options -> options.withEnvironment(Map.of(
                "OPENAI_BASE_URL", provider.baseUrl() + "/", "OPENAI_API_KEY", " k-2 ", "OPENAI_MODEL",
                "env-model")))) {
            assertAsked(chats, "env-model", "Bearer k-2");
            assertTrue(chats.client().call("models.list").items("models").stream()
                    .anyMatch(model -> model.text("id").filter("env-model"::equals).isPresent()));
        }
    }

    @Test
    void takesItsOwnSettingsBeforeTheEnvironmentAndSendsNoKeyWhereThereIsNone() throws Exception {
        FakeProvider provider = provider();
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                plugins: {entries: {openai: {config: {baseUrl: '%s', model: mine}}}}
                """.formatted(provider.baseUrl()));
        try (var chats = OpenAiGateway.start(folder, provider, options -> options.withEnvironment(Map.of(
                "OPENAI_BASE_URL", "http://127.0.0.1:1", "OPENAI_MODEL", "env-model")))) {
            assertAsked(chats, "mine", "");
        }
    }

    @Test
    void givesItsKeyToNoOtherProvider() throws Exception {
        FakeProvider provider = provider();
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                models: {providers: {openai: {baseUrl: '%s'}}}
                agents: {defaults: {model: openai/m}}
                """.formatted(provider.baseUrl()));
        try (var chats = OpenAiGateway.start(folder, provider, options -> options.withEnvironment(Map.of(
                "OPENAI_API_KEY", "k-3")))) {
            assertAsked(chats, "m", "");
        }
        FakeProvider same = provider();
        TestGateway.write(folder.resolve("state/chela.yaml"), "agents: {defaults: {model: openai/m}}\n");
        try (var chats = OpenAiGateway.start(folder, same, options -> options.withEnvironment(Map.of(
                "OPENAI_API_KEY", "k-3", "OPENAI_BASE_URL", same.baseUrl())))) {
            assertAsked(chats, "m", "Bearer k-3");
        }
        provider.close();
    }

    @Test
    void refusesAKeyThatCannotBeSentWithoutShowingIt() throws Exception {
        FakeProvider provider = provider();
        try (var chats = OpenAiGateway.start(folder, provider, options -> options.withEnvironment(Map.of(
                "OPENAI_BASE_URL", provider.baseUrl(), "OPENAI_API_KEY", "k-4\nx: y", "OPENAI_MODEL", "m")))) {
            assertEquals("the API key of provider 'openai' has characters that no key has", chats.chat().error());
        }
    }

    @ParameterizedTest
    @CsvSource({"ftp://x/v1,,plugins.entries.openai.config.baseUrl must be",
            "http://u:pw9@x/v1,,config.baseUrl must be",
            ",http://x/?k=pw9,OPENAI_BASE_URL must be", ",::pw9::,OPENAI_BASE_URL must be"})
    void isRefusedWithAUrlThatCannotBeUsed(@Nullable String set, @Nullable String variable, String reason)
            throws Exception {
        if (set != null) {
            TestGateway.write(folder.resolve("state/chela.yaml"),
                    "plugins: {entries: {openai: {config: {baseUrl: '" + set + "'}}}}\n");
        }
        Map<String, String> environment = variable == null ? Map.of() : Map.of("OPENAI_BASE_URL", variable);
        try (var gateway = TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder,
                options -> options.withEnvironment(environment))) {
            PluginReport report = gateway.gateway().plugins().getFirst();
            assertEquals("REFUSED", report.state().toUpperCase(Locale.ROOT));
            String said = String.valueOf(report.reason());
            assertTrue(said.contains(reason), said);
            assertFalse(said.contains("pw9"), said);
        }
    }
}
