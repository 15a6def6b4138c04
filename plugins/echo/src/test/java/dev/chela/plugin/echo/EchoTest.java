package dev.chela.plugin.echo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.testing.Pictures;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The plugin `echo` out of its jar, in a real gateway.
class EchoTest {

    @TempDir
    Path folder;

    private TestGateway start(String config) throws Exception {
        TestGateway.write(folder.resolve("state/chela.yaml"), config);
        return TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder, options -> options);
    }

    private static String pausing(int ms) {
        return "plugins: {entries: {echo: {config: {pauseMs: " + ms + "}}}}\n";
    }

    private static void send(Client client, String message, String run) throws Exception {
        client.call("chat.send", Map.of("sessionKey", "main", "message", message, "idempotencyKey", run));
    }

    private static String answer(Event event) {
        return event.payload().at("message").flatMap(message -> message.items("content").stream().findFirst())
                .flatMap(part -> part.text("text")).orElse("");
    }

    @Test
    void saysWhatItHeardWordByWord() throws Exception {
        try (TestGateway gateway = start(pausing(250)); Client client = gateway.admin()) {
            send(client, "one  two\n\u00fc\ud83e\udd80 ", "r");
            List<String> deltas = new ArrayList<>();
            Event end = client.await("chat", event -> {
                if (event.text("state").equals("delta")) {
                    deltas.add(event.text("deltaText"));
                }
                return event.text("state").equals("final");
            });
            assertEquals("one  two\n\u00fc\ud83e\udd80 ", answer(end));
            assertTrue(deltas.size() > 1 && deltas.getFirst().equals("one  "), deltas.toString());
            assertEquals(3L, end.payload().at("usage").flatMap(usage -> usage.whole("output")).orElse(0L));
        }
    }

    @Test
    void namesWhatCameWithAMessage() throws Exception {
        try (TestGateway gateway = start(pausing(0)); Client client = gateway.admin()) {
            client.call("chat.send", Pictures.message("main", "look", "r",
                    Pictures.attachment("crab.png", "image/png", Pictures.png(100, 1))));
            assertEquals("look\n\n[crab.png, image/png, 100 bytes]",
                    answer(client.await("chat", event -> event.text("state").equals("final"))));
            client.call("chat.send", Pictures.message("main", "", "s",
                    Pictures.attachment("a.txt", "text/plain", new byte[]{'x'})));
            assertEquals("[a.txt, text/plain, 1 bytes]",
                    answer(client.await("chat", event -> event.text("state").equals("final"))));
        }
    }

    @Test
    void stopsAtOnceWhenAborted() throws Exception {
        try (TestGateway gateway = start(pausing(60_000)); Client client = gateway.admin()) {
            send(client, "one two", "r");
            client.await("chat", event -> event.text("state").equals("delta"));
            Json aborted = client.call("chat.abort", Map.of("sessionKey", "main"));
            assertTrue(aborted.flag("aborted").orElse(false));
            Event end = client.await("chat", event -> event.text("state").equals("aborted"));
            assertEquals("one ", answer(end));
        }
    }

    @Test
    void refusesAPauseThatIsNone() throws Exception {
        try (TestGateway gateway = start(pausing(-1))) {
            PluginReport report = gateway.gateway().plugins().getFirst();
            String reason = String.valueOf(report.reason());
            assertTrue(reason.contains("plugins.entries.echo.config.pauseMs: must be >= 0"), reason);
        }
    }
}
