package dev.chela.runtime.wire;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.store.Store;
import dev.chela.runtime.testing.GatewayProcess;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.chela.runtime.testing.Pictures.attachment;
import static dev.chela.runtime.testing.Pictures.base64;
import static dev.chela.runtime.testing.Pictures.message;
import static dev.chela.runtime.testing.Pictures.png;
import static dev.chela.runtime.testing.Pictures.said;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// How pictures and files are shown, kept and forgotten.
class AttachmentsKeptTest {

    @TempDir
    Path folder;

    private static Map<String, Object> crab(int size, long seed) {
        return attachment("crab.png", "image/png", png(size, seed));
    }

    private static void say(Client client, Map<String, Object> params) throws Exception {
        String run = client.call("chat.send", params).text("runId").orElseThrow();
        client.call("agent.wait", Map.of("runId", run));
    }

    private static List<Json> messages(Client client, String method, Map<String, Object> params) throws Exception {
        return client.call(method, params).items("messages");
    }

    private static String answer(Json message) {
        return message.items("content").getFirst().text("text").orElse("");
    }

    private <T> T inStore(Function<Store, T> look) {
        try (Store store = Store.open(folder.resolve("state/chela.db"))) {
            return look.apply(store);
        }
    }

    private long contents() {
        return inStore(store -> store.read(tx -> tx.attachments().count()));
    }

    // ---- what clients see ----

    @Test
    void showsPicturesInTheHistoryOfBothProtocols() throws Exception {
        byte[] picture = png(3000, 1);
        try (TestGateway gateway = TestGateway.start(folder);
                Client client = gateway.admin();
                Client old = gateway.connect(Identity.cli(TestGateway.TOKEN, null).speaking(3, 3))) {
            say(client, message("s", "look", "a", attachment("crab.png", "image/png", picture),
                    attachment("a.zip", "application/zip", new byte[]{1, 2})));
            for (Client reader : List.of(client, old)) {
                for (String method : List.of("chat.history", "chat.startup")) {
                    assertShown(messages(reader, method, Map.of("sessionKey", "s")).getFirst(), picture);
                }
                assertShown(messages(reader, "sessions.get", Map.of("key", "s")).getFirst(), picture);
            }
        }
    }

    private static void assertShown(Json message, byte[] picture) {
        List<Json> content = message.items("content");
        assertEquals(3, content.size());
        assertEquals("look", content.get(0).text("text").orElse(""));
        assertEquals("image", content.get(1).text("type").orElse(""));
        assertEquals("image/png", content.get(1).text("mimeType").orElse(""));
        assertEquals(base64(picture), content.get(1).text("data").orElse(""));
        assertTrue(content.get(1).at("omitted").isEmpty());
        assertEquals(Json.of(Map.of("type", "file", "mimeType", "application/zip", "fileName", "a.zip", "omitted", true,
                "bytes", 2)), content.get(2));
    }

    @Test
    void neverMakesAPageLongerForAPicture() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            say(client, message("s", "oldest", "a", crab(3000, 1)));
            say(client, message("s", "older", "b", crab(3000, 2)));
            say(client, message("s", "newest", "c", crab(60_000, 3)));
            List<Json> all = messages(client, "chat.history", Map.of("sessionKey", "s", "maxBytes", 7500));
            assertEquals(6, all.size(), "words come before pictures");
            assertEquals(List.of(false, true, false), List.of(all.get(0), all.get(2), all.get(4)).stream()
                    .map(message -> message.items("content").getLast().at("data").isPresent()).toList(),
                    "the newest that fits is shown");
            Json omitted = all.get(4).items("content").getLast();
            assertTrue(omitted.flag("omitted").orElse(false));
            assertEquals(60_000L, omitted.whole("bytes").orElse(0L));
            int length = all.stream().mapToInt(message -> message.toString().length()).sum();
            assertTrue(length <= 7500, "it has " + length);
        }
    }

    @Test
    void tellsFollowersOfASessionWhatCameButNotItsContent() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("sessions.messages.subscribe", Map.of("key", "s"));
            client.call("chat.send", message("s", "", "a", crab(4_000_000, 4)));
            Event told = client.await("session.message");
            Json part = told.payload().at("message").orElseThrow().items("content").getFirst();
            assertEquals(Json.of(Map.of("type", "image", "mimeType", "image/png", "fileName", "crab.png", "omitted",
                    true, "bytes", 4_000_000)), part);
        }
    }

    @Test
    void showsWhatWaitsWithWhatCameWithIt() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            Path gate = folder.resolve("gate");
            client.call("chat.send", message("s", "!await=" + gate, "a"));
            client.call("chat.send", message("s", "!attached", "b", crab(500, 5)));
            Json waiting = client.call("chat.history", Map.of("sessionKey", "s")).at("pendingInputs").orElseThrow()
                    .items("items").getFirst();
            List<Json> content = waiting.at("message").orElseThrow().items("content");
            assertEquals("!attached", content.getFirst().text("text").orElse(""));
            assertEquals("crab.png", content.getLast().text("fileName").orElse(""));
            Files.createFile(gate);
            client.call("agent.wait", Map.of("runId", "b"));
            assertEquals(said("crab.png", "image/png", true, png(500, 5)),
                    answer(messages(client, "chat.history", Map.of("sessionKey", "s")).getLast()));
        }
    }

    // ---- what is kept ----

    @Test
    void keepsThemThroughARestart() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            say(client, message("s", "look", "a", crab(2000, 6)));
        }
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            Json shown = messages(client, "chat.history", Map.of("sessionKey", "s")).getFirst();
            assertEquals(base64(png(2000, 6)), shown.items("content").getLast().text("data").orElse(""));
            say(client, message("s", "!past", "b"));
            assertEquals(said("crab.png", "image/png", true, png(2000, 6)),
                    answer(messages(client, "chat.history", Map.of("sessionKey", "s")).getLast()));
        }
    }

    @Test
    void givesARunThatIsTakenUpAgainWhatCameWithIt() throws Exception {
        Path gate = folder.resolve("gate");
        try (GatewayProcess gateway = GatewayProcess.start(folder); GatewayClient client = gateway.connect()) {
            for (Map<String, Object> params : List.of(message("s", "!await=" + gate + " !attached", "a", crab(700, 7)),
                    message("s", "!attached", "b", crab(800, 8)))) {
                client.call("chat.send", Json.of(params), TestGateway.PATIENCE);
            }
            gateway.kill();
        }
        Files.createFile(gate);
        try (GatewayProcess gateway = GatewayProcess.start(folder); GatewayClient client = gateway.connect()) {
            client.call("agent.wait", Json.of(Map.of("runId", "b")), TestGateway.PATIENCE);
            List<Json> all = client.call("chat.history", Json.of(Map.of("sessionKey", "s")), TestGateway.PATIENCE)
                    .items("messages");
            assertEquals(said("crab.png", "image/png", true, png(700, 7)), answer(all.get(1)));
            assertEquals(said("crab.png", "image/png", true, png(800, 8)), answer(all.get(3)));
        }
    }

    @Test
    void keepsTheSamePictureOnceAndForgetsItWithItsLastSession() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            say(client, message("one", "look", "a", crab(900, 9), crab(900, 9)));
            say(client, message("two", "look", "b", crab(900, 9)));
            say(client, message("two", "look", "c", crab(900, 10)));
            client.call("sessions.reset", Map.of("key", "two"));
        }
        assertEquals(2, contents());
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("sessions.delete", Map.of("key", "one"));
            say(client, message("three", "look", "d", crab(900, 11)));
            client.call("sessions.delete", Map.of("key", "three", "deleteTranscript", false));
        }
        assertEquals(3, contents(), "another session has it; what was said in the third is kept");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            client.call("chat.send", message("two", "!hang", "e", crab(900, 12)));
            client.call("chat.send", message("two", "waits", "f", crab(900, 13)));
            client.call("sessions.delete", Map.of("key", "two"));
        }
        assertEquals(1, contents(), "with what was put away, and what was stopped");
    }

    @Test
    void keepsThemWhenTheirMessagesArePutAway() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            say(client, message("s", "look", "a", crab(900, 14)));
            say(client, message("s", "on", "b"));
            Json first = messages(client, "chat.history", Map.of("sessionKey", "s")).getFirst();
            String id = first.at("__openclaw").flatMap(own -> own.text("id")).orElseThrow();
            client.call("sessions.compact", Map.of("key", "s", "maxLines", 1));
            Json message = client.call("chat.message.get", Map.of("sessionKey", "s", "messageId", id)).at("message")
                    .orElseThrow();
            assertEquals(base64(png(900, 14)), message.items("content").getLast().text("data").orElse(""));
            client.call("sessions.delete", Map.of("key", "s"));
        }
        assertEquals(0, contents());
    }

    @Test
    void freesTheBytesOfWhatItForgets() throws Exception {
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            for (int i = 0; i < 6; i++) {
                say(client, message("s" + i, "look", "r" + i, crab(2_000_000, 20 + i)));
                client.call("sessions.delete", Map.of("key", "s" + i));
            }
        }
        long size = Files.size(folder.resolve("state/chela.db"));
        assertTrue(size < 5_000_000, "the space is used again, but the store has " + size + " bytes");
        assertFalse(inStore(store -> store.read(tx -> tx.attachments().content("none"))).isPresent());
    }
}
