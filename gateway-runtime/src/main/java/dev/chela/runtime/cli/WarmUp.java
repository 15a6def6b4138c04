package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;

/// `warm-up URL TOKEN`: does with a gateway what clients do first. The build lets Java watch a gateway meanwhile and keeps
/// what it learned, so that the next start finds its classes loaded.
final class WarmUp {

    static final String NAME = "warm-up";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 20;
    private static final List<String> METHODS = List.of("health", "status", "system-presence", "sessions.list",
            "last-heartbeat", "models.list", "agents.list", "config.get", "channels.status", "commands.list");

    private final PrintStream err;

    WarmUp(PrintStream err) {
        this.err = err;
    }

    int run(URI uri, String token) {
        Identity device = Identity.cli(token, null).withDevice(new byte[32]);
        try (GatewayClient v4 = GatewayClient.connect(uri, device, PATIENCE);
                GatewayClient v3 = GatewayClient.connect(uri, device.speaking(3, 3), PATIENCE)) {
            for (int i = 0; i < ROUNDS; i++) {
                for (String method : METHODS) {
                    (i % 2 == 0 ? v3 : v4).call(method);
                }
            }
            chat(v4, "warm-up-1");
            chat(v3, "warm-up-2");
            return ExitCode.OK;
        } catch (ClientException e) {
            err.println("chela: the warm-up failed: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    private static void chat(GatewayClient client, String id) throws ClientException, InterruptedException {
        client.call("chat.send", Json.of(Map.of("sessionKey", "main", "message", "one two three", "idempotencyKey",
                id)), PATIENCE);
        client.call("agent.wait", Json.of(Map.of("runId", id, "timeoutMs", 10_000)), PATIENCE);
        client.call("chat.history", Json.of(Map.of("sessionKey", "main")), PATIENCE);
    }
}
