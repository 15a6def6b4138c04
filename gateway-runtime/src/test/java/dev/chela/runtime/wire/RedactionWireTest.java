package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/// What of the settings is shown to clients.
class RedactionWireTest {

    private static final String HIDDEN = "__OPENCLAW_REDACTED__";

    @TempDir
    Path folder;

    @Test
    void hidesWhatAChannelDeclaresAsASecret() throws Exception {
        PluginJar
                .of("vault",
                        """
                                record Door(dev.chela.api.config.Secret pin, String floor) {}
                                record Settings(Door door, List<dev.chela.api.config.Secret> rings, Map<String, Door> others,
                                        String host, String botToken) {}
                                @Override public void register(Registrar r) {
                                    r.channel(new Channel<Settings>() {
                                        @Override public String id() { return "vault"; }
                                        @Override public Class<Settings> settings() { return Settings.class; }
                                        @Override public void run(Account<Settings> account, Inbox inbox) { }
                                        @Override public Receipt send(Account<Settings> account, Outbound message) { return Receipt.of("x"); }
                                    });
                                }
                                """)
                .writeTo(folder.resolve("state/plugins"), "vault.jar");
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                channels:
                  vault:
                    botToken: canary-1
                    host: example.org
                    accounts:
                      home: {door: {pin: canary-2, floor: first}, rings: [canary-3], others: {a: {pin: canary-4}}}
                      away: {door: canary-5, rings: canary-6, others: [canary-7]}
                      far: {door: {pin: 770077}}
                """);
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.with("operator.read")) {
            Json answer = client.call("config.get", Map.of());
            assertFalse(answer.toString().contains("canary") || answer.toString().contains("770077"),
                    answer.toString());
            Json vault = answer.at("config").flatMap(all -> all.at("channels")).flatMap(all -> all.at("vault"))
                    .orElseThrow();
            assertEquals("example.org", vault.text("host").orElse(""));
            Json door = vault.at("accounts").flatMap(all -> all.at("home")).flatMap(home -> home.at("door"))
                    .orElseThrow();
            assertEquals("first", door.text("floor").orElse(""));
            assertEquals(HIDDEN, door.text("pin").orElse(""));
        }
    }
}
