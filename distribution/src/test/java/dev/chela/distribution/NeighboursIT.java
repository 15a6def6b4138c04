package dev.chela.distribution;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.chela.api.json.Json;
import dev.chela.distribution.Installation.Ended;
import dev.chela.distribution.Installation.Running;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.testing.PluginJar;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// A plugin that takes all it can get, and a client that has nothing to do with it: it is answered, every time. How soon is
/// written to `target/long-checks`, measured for `chela.scale` seconds, at most ten.
class NeighboursIT {

    private static final int SECONDS = Math.clamp(Integer.getInteger("chela.scale", 1), 1, 10);
    private static final int CALLS = 64;
    private static final String TOKEN = "neighbours-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    /// What the plugin does to its gateway.
    private interface Nuisance {

        void begin(GatewayClient client, BlockingQueue<String> chat) throws ClientException, InterruptedException;
    }

    @Test
    void areAnsweredWhileNothingElseHappens() throws Exception {
        measure("quiet", (_, _) -> {});
    }

    @Test
    void areAnsweredWhileAPluginSpinsInAMethod() throws Exception {
        measure("a plugin spins in a method", (client, _) -> callAll(client, "neighbour.spin"));
    }

    @Test
    void areAnsweredWhileAPluginBlocksInAMethod() throws Exception {
        measure("a plugin blocks in a method", (client, _) -> callAll(client, "neighbour.block"));
    }

    @Test
    void areAnsweredWhileAPluginSpinsInATurn() throws Exception {
        measure("a plugin spins in a turn", (client, chat) -> {
            for (int i = 0; i < CALLS; i++) {
                client.begin("chat.send", Json.of(Map.of("sessionKey", "s" + i, "message", "spin",
                        "idempotencyKey", "k" + i)));
            }
            assertEquals("delta", chat.take());
        });
    }

    /// Returns when the first of them is at work.
    private static void callAll(GatewayClient client, String method) throws ClientException, InterruptedException {
        List<GatewayClient.Pending> calls = java.util.stream.IntStream.range(0, CALLS)
                .mapToObj(_ -> client.begin(method, Json.of(Map.of()))).toList();
        assertEquals("begun", calls.getFirst().get(PATIENCE).text("state").orElse(""));
    }

    private void measure(String when, Nuisance nuisance) throws Exception {
        Installation chela = Installation.full(folder.resolve("full"));
        PluginJar.registering("neighbour", """
                r.method(Method.of("neighbour.spin", Scope.READ, NoParams.class, (p, call) -> {
                    call.progress(Map.of("state", "begun"));
                    while (true) { Thread.onSpinWait(); }
                }));
                r.method(Method.of("neighbour.block", Scope.READ, NoParams.class, (p, call) -> {
                    call.progress(Map.of("state", "begun"));
                    synchronized (Object.class) { Thread.sleep(Long.MAX_VALUE); }
                    return null;
                }));
                r.engine("neighbour", (turn, sink) -> {
                    sink.text("begun");
                    while (true) { Thread.onSpinWait(); }
                });
                """).writeTo(Files.createDirectories(chela.state.resolve("plugins")), "neighbour.jar");
        Files.writeString(chela.state.resolve("chela.yaml"), "agents: {defaults: {engine: neighbour}}\n");
        BlockingQueue<String> chat = new LinkedBlockingQueue<>();
        try (Running gateway = chela.start("--token", TOKEN);
                GatewayClient client = GatewayClient.connect(URI.create("ws://127.0.0.1:" + gateway.port()),
                        Identity.cli(TOKEN, null), PATIENCE, (name, payload) -> {
                            if (name.equals("chat")) {
                                chat.add(payload.text("state").orElse(""));
                            }
                        })) {
            nuisance.begin(client, chat);
            Ended bench = chela.chela("gateway", "bench", "rpc", "--token", TOKEN, "--warmup", "1", "--seconds",
                    Integer.toString(SECONDS), "--json");
            assertEquals(0, bench.exit(), bench.out() + bench.err());
            Json figures = JsonCodec.read(JsonText.of(bench.out().strip()));
            assertEquals(0L, figures.whole("errors").orElse(-1L), bench.out());
            note(when, figures);
        }
    }

    private static void note(String when, Json figures) throws IOException {
        Path notes = Files.createDirectories(Path.of("target/long-checks"));
        String line = String.format(Locale.ROOT, "neighbours, %s: p50 %d us, p99 %d us%n", when,
                figures.whole("p50Us").orElse(-1L), figures.whole("p99Us").orElse(-1L));
        Files.writeString(notes.resolve("neighbours.txt"), line, StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
