package dev.chela.runtime.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.chela.api.json.Json;
import dev.chela.runtime.Gateway;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;

/// `warm-up`: a short life of a gateway and its commands, in a folder of its own. The build lets Java watch it and keeps
/// what it learned, so that the next start finds its classes loaded and its hot code known.
final class WarmUp {

    static final String NAME = "warm-up";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 200;
    private static final String TOKEN = "warm-up-0123456789";
    private static final String CONFIG = """
            gateway: {bind: loopback, auth: {mode: token, token: %s}}
            plugins: {entries: {echo: {config: {pauseMs: 0}}}}
            """.formatted(TOKEN);

    private final PrintStream err;
    private final PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

    WarmUp(PrintStream err) {
        this.err = err;
    }

    int run() {
        try {
            Path folder = Files.createTempDirectory("chela-warm-up");
            try {
                Files.writeString(folder.resolve("chela.yaml"), CONFIG);
                live(folder);
                return ExitCode.OK;
            } finally {
                delete(folder);
            }
        } catch (IOException | ClientException e) {
            err.println("chela: the warm-up failed: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    private void live(Path folder) throws IOException, ClientException, InterruptedException {
        var run = new RunGateway(nowhere, err, Map.of());
        var options = new RunOptions(Map.of("state-dir", folder.toString(), "port", "0", "log-level", "warn"), false);
        try (Gateway gateway = run.start(options)) {
            byte[] seed = new byte[32];
            Identity device = Identity.cli(TOKEN, null).withDevice(seed);
            try (GatewayClient v4 = connect(gateway, device);
                    GatewayClient v3 = connect(gateway, device.speaking(3, 3))) {
                for (int i = 0; i < ROUNDS; i++) {
                    for (String method : List.of("health", "status", "system-presence", "sessions.list",
                            "last-heartbeat", "models.list")) {
                        (i % 4 == 0 ? v3 : v4).call(method);
                    }
                }
                chat(v4, "warm-up-1");
                chat(v3, "warm-up-2");
            }
            for (String command : List.of("gateway status", "gateway health", "plugins list", "agent --message hello",
                    "gateway call health")) {
                String[] args = (command + " --state-dir " + folder).split(" ");
                if (Commands.run(nowhere, err, Map.of(), args) != ExitCode.OK) {
                    throw new IOException("`chela " + command + "` failed");
                }
            }
        }
    }

    private static GatewayClient connect(Gateway gateway, Identity identity)
            throws ClientException, InterruptedException {
        return GatewayClient.connect(URI.create(gateway.url()), identity, PATIENCE);
    }

    private static void chat(GatewayClient client, String id) throws ClientException, InterruptedException {
        client.call("chat.send", Json.of(Map.of("sessionKey", "main", "message", "one two three", "idempotencyKey",
                id)), PATIENCE);
        client.call("agent.wait", Json.of(Map.of("runId", id, "timeoutMs", 10_000)), PATIENCE);
        client.call("chat.history", Json.of(Map.of("sessionKey", "main")), PATIENCE);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
