package dev.chela.runtime.wire;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Many sessions that are answered at once. How long that took, in the time the models need by themselves, is written to
/// `target/long-checks`; with `-Dchela.scale=N` each of them says N times as much, at most ten times.
class ManyRunsTest {

    private static final int SCALE = Integer.getInteger("chela.scale", 1);
    private static final int SESSIONS = 200;
    private static final int TOKENS_PER_SECOND = 50;
    private static final int TOKENS = TOKENS_PER_SECOND * Math.clamp(SCALE, 1, 10);

    @TempDir
    Path folder;

    /// An engine that says a token every 20 ms by the clock, however long the gateway takes to pass one on.
    private static final String ENGINE = """
            r.engine("echo", (turn, sink) -> {
                long begun = System.nanoTime();
                for (int i = 0; i < TOKENS; i++) {
                    long due = begun + (i + 1) * 1_000_000_000L / RATE;
                    long wait = due - System.nanoTime();
                    if (wait > 0) { Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000)); }
                    sink.text("t" + i + " ");
                }
                return new TurnResult(TurnResult.StopReason.STOP, TurnResult.Usage.NONE);
            });
            """;

    @Test
    void answersTwoHundredSessionsAtOnceAndEachAsAWhole() throws Exception {
        PluginJar.registering("paced", ENGINE.replace("TOKENS", "" + TOKENS).replace("RATE", "" + TOKENS_PER_SECOND))
                .writeTo(folder.resolve("bundled"), "paced.jar");
        try (TestGateway gateway = TestGateway.startWith(folder.resolve("bundled/paced.jar"), folder.resolve("g"),
                options -> options); Client client = gateway.admin()) {
            answerAll(client, "warm");
            long begun = System.nanoTime();
            answerAll(client, "runs");
            double took = (System.nanoTime() - begun) / 1e9;
            double ideal = (double) TOKENS / TOKENS_PER_SECOND;
            Path notes = Files.createDirectories(Path.of("target/long-checks"));
            Files.writeString(notes.resolve("runs.txt"), String.format(Locale.ROOT,
                    "%d runs at once at %d tokens/s, %d tokens each: %.2f s, %.3f of the ideal %.2f s%n", SESSIONS,
                    TOKENS_PER_SECOND, TOKENS, took, took / ideal, ideal));
        }
    }

    private static void answerAll(Client client, String name) throws Exception {
        for (int i = 0; i < SESSIONS; i++) {
            var _ = client.client().begin("chat.send",
                    Json.of(Map.of("sessionKey", name + i, "message", "go", "idempotencyKey", name + i)));
        }
        Map<String, String> answers = new HashMap<>();
        while (answers.size() < SESSIONS) {
            Event end = client.await("chat", event -> !event.text("state").equals("delta"));
            assertEquals("final", end.text("state"), end.toString());
            answers.put(end.text("runId"), String.valueOf(end.payload().at("message")));
        }
        assertTrue(answers.values().stream().allMatch(text -> text.contains("t0 t1 ") && text
                .contains(" t" + (TOKENS - 1) + " ")));
    }
}
