package dev.chela.runtime.wire;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.testing.Pictures;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.chela.runtime.testing.Pictures.attachment;
import static dev.chela.runtime.testing.Pictures.base64;
import static dev.chela.runtime.testing.Pictures.image;
import static dev.chela.runtime.testing.Pictures.message;
import static dev.chela.runtime.testing.Pictures.png;
import static dev.chela.runtime.testing.Pictures.said;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Pictures and files that come with messages: what is taken, as what, and what is refused.
class AttachmentsWireTest {

    private static final int MAX_IMAGE = 6_291_456;
    private static final int MAX_FILE = 19_464_192;

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        PluginJar.registering("words", "r.command(dev.chela.api.session.Command.of(\"word\", \"Says it.\", Scope.WRITE,"
                + " call -> \"word\"));"
                + "r.hook(Hook.gate(RunStarting.class, run -> run.attachments().stream()"
                + ".anyMatch(one -> one.name().equals(\"bad.exe\")) ? Optional.of(\"no programs here\")"
                + " : Optional.empty()));").writeTo(folder.resolve("state/plugins"), "words.jar");
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private String answer(Map<String, Object> params) throws Exception {
        String run = client.call("chat.send", params).text("runId").orElseThrow();
        var end = client.await("chat",
                event -> event.text("runId").equals(run) && !event.text("state").equals("delta"));
        return end.payload().at("message").map(AttachmentsWireTest::text).orElse(end.text("errorMessage"));
    }

    private static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    private String refusal(String text, Object... attachments) throws Exception {
        Map<String, Object> params = message("s", text, "refused");
        params.put("attachments", List.of(attachments));
        return String.valueOf(client.refused("chat.send", params).getMessage());
    }

    private static Map<String, Object> bare(String name, String content) {
        Map<String, Object> sent = new LinkedHashMap<>();
        sent.put("fileName", name);
        sent.put("content", content);
        return sent;
    }

    // ---- what is taken ----

    @Test
    void tellsItsLimitsToClientsOfProtocol4() throws Exception {
        Json policy = client.client().hello().at("policy").orElseThrow().at("attachments").orElseThrow();
        assertEquals(MAX_FILE, policy.whole("maxBytes").orElse(0L));
        assertEquals(MAX_IMAGE, policy.whole("maxImageBytes").orElse(0L));
        try (Client old = gateway.connect(Identity.cli(TestGateway.TOKEN, null).speaking(3, 3))) {
            assertTrue(old.client().hello().at("policy").orElseThrow().at("attachments").isEmpty());
        }
    }

    @Test
    void givesTheEngineWhatCameWithAMessage() throws Exception {
        byte[] crab = png(2000, 1);
        byte[] notes = "walk sideways\n".getBytes(StandardCharsets.UTF_8);
        assertEquals(said("crab.png", "image/png", true, crab) + said("notes.md", "text/markdown", false, notes),
                answer(message("s", "!attached", "a", attachment("crab.png", "image/png", crab),
                        attachment("notes.md", "text/markdown", notes))));
        assertEquals("crab.png image/png true 2000", answer(message("s", "!past", "b")).substring(0, 28));
    }

    @Test
    void takesThemByEveryMethodThatTakesMessages() throws Exception {
        byte[] crab = png(500, 2);
        String seen = said("crab.png", "image/png", true, crab);
        List<Object> attached = List.of(attachment("crab.png", "image/png", crab));
        client.call("agent", Map.of("message", "!attached", "sessionKey", "one", "attachments", attached,
                "idempotencyKey", "a"));
        client.call("sessions.create", Map.of("key", "two", "message", "!attached", "attachments", attached,
                "idempotencyKey", "b"));
        client.call("sessions.send", Map.of("key", "two", "message", "!attached", "attachments", attached,
                "idempotencyKey", "c"));
        for (String run : List.of("a", "b", "c")) {
            client.call("agent.wait", Map.of("runId", run));
        }
        assertEquals(List.of(seen), answers("one"));
        assertEquals(List.of(seen, seen), answers("two"));
    }

    private List<String> answers(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages").stream()
                .filter(message -> message.text("role").orElse("").equals("assistant"))
                .map(AttachmentsWireTest::text).toList();
    }

    @Test
    void takesAPictureWithoutAWord() throws Exception {
        assertEquals("", answer(message("s", "", "a", attachment("crab.png", "image/png", png(100, 3)))));
        Json row = client.call("sessions.list", Map.of()).items("sessions").getFirst();
        assertEquals("[crab.png]", row.text("derivedTitle").orElse(""));
        Json previews = client.call("sessions.preview", Map.of("keys", List.of("s"))).items("previews").getFirst();
        assertEquals("[crab.png]", previews.items("items").getFirst().text("text").orElse(""));
        client.call("sessions.create", Map.of("key", "t", "attachments",
                List.of(attachment("crab.png", "image/png", png(100, 3))), "idempotencyKey", "b"));
        client.call("agent.wait", Map.of("runId", "b"));
        assertEquals(1, client.call("chat.history", Map.of("sessionKey", "t")).items("messages").stream()
                .filter(message -> message.text("role").orElse("").equals("user")).count());
    }

    @Test
    void takesADataUrlAndBelievesItsType() throws Exception {
        String content = "a,b\n1,2\n";
        String url = "data:text/csv;charset=utf-8;base64," + base64(content.getBytes(StandardCharsets.UTF_8));
        assertEquals("attachment-1 text/csv false 8",
                answer(message("s", "!attached", "a", Map.of("content", url))).substring(0, 29));
    }

    static Stream<Arguments> contents() {
        return Stream.of(Arguments.of("\u0089PNG\r\n\u001a\n", "text/plain", "image/png", true),
                Arguments.of("\u00ff\u00d8\u00ff\u00e0", "image/png", "image/jpeg", true),
                Arguments.of("GIF89a", "image/gif", "image/gif", true),
                Arguments.of("RIFF\0\0\0\0WEBP", "image/png", "image/webp", true),
                Arguments.of("\0\0\0\u0018ftypheic", "image/heic", "image/heic", true),
                Arguments.of("\0\0\0\u0018ftypmif1", "application/x", "image/heif", true),
                Arguments.of("\0\0\0\u0018ftypisom", "video/mp4", "video/mp4", false),
                Arguments.of("%PDF-1.7\u00ff", "image/jpg", "application/octet-stream", false),
                Arguments.of("<svg/>", "image/svg+xml", "image/svg+xml", false),
                Arguments.of("\0\u00ff", "Application/PDF; x=y", "application/pdf", false),
                Arguments.of("\0\u00ff", "no type", "application/octet-stream", false));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void findsOutWhatAContentIs(String head, String claimed, String type, boolean image) throws Exception {
        byte[] content = image(head, Math.max(40, head.length()), 4);
        assertEquals(said("x", type, image, content),
                answer(message("s", "!attached", "a", attachment("x", claimed, content))));
    }

    @Test
    void takesWhatIsNoPictureForAFileWhateverItIsCalled() throws Exception {
        byte[] text = "I am no picture".getBytes(StandardCharsets.UTF_8);
        assertEquals(said("crab.png", "text/plain", false, text),
                answer(message("s", "!attached", "a", attachment("crab.png", "image/png", text))));
        Json said = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getFirst();
        assertEquals("file", said.items("content").getLast().text("type").orElse(""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"../../etc/passwd|passwd", "C:\\\\Users\\\\me\\\\crab.txt|crab.txt",
            "..|attachment-1",
            "a\u0000b\u001b[2J.txt|ab[2J.txt", "evil\u202egnp.exe|evilgnp.exe", "/|attachment-1"})
    void cleansNames(String sent, String cleaned) throws Exception {
        assertEquals(cleaned, answer(message("s", "!attached", "a", bare(sent, base64(new byte[]{'x', 0}))))
                .split(" ", 2)[0]);
    }

    @Test
    void cutsLongNames() throws Exception {
        String name = answer(message("s", "!attached", "a", bare("n".repeat(3000), base64(new byte[]{'x', 0}))))
                .split(" ", 2)[0];
        assertEquals(255, name.length());
    }

    // ---- what is refused ----

    @Test
    void namesTheFileItsSizeAndTheLimit() throws Exception {
        assertEquals("attachment 2 ('crab.png') has 6291457 bytes; an image can have at most 6291456",
                refusal("x", attachment("a.txt", "text/plain", new byte[]{'x'}),
                        attachment("crab.png", "image/png", png(MAX_IMAGE + 1, 5))));
        assertEquals("attachment 1 ('big.bin') has 19464193 bytes; a file can have at most 19464192",
                refusal("x", attachment("big.bin", "application/zip", new byte[MAX_FILE + 1])));
        assertEquals("the attachments have 19464193 bytes together; a message can have at most 19464192",
                refusal("x", attachment("a.bin", "application/zip", new byte[MAX_FILE / 2]),
                        attachment("b.bin", "application/zip", new byte[MAX_FILE / 2 + 1])));
        List<Object> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            many.add(attachment("n" + i, "text/plain", new byte[]{'x'}));
        }
        assertEquals("a message can have at most 10 attachments, not 11", refusal("x", many.toArray()));
        assertEquals(0L, client.call("sessions.list").whole("totalCount").orElse(-1L), "nothing was stored");
    }

    @Test
    void takesWhatIsExactlyAsLargeAsAllowed() throws Exception {
        byte[] largest = png(MAX_IMAGE, 6);
        assertEquals(said("crab.png", "image/png", true, largest),
                answer(message("s", "!attached", "a", attachment("crab.png", "image/png", largest))));
        byte[] file = new byte[MAX_FILE];
        assertEquals(said("all.bin", "application/zip", false, file),
                answer(message("s", "!attached", "b", attachment("all.bin", "application/zip", file))));
        Json message = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getFirst();
        assertTrue(message.items("content").getLast().flag("omitted").orElse(false), "too large for a page");
        String id = message.at("__openclaw").flatMap(own -> own.text("id")).orElseThrow();
        Json whole = client.call("chat.message.get", Map.of("sessionKey", "s", "messageId", id)).at("message")
                .orElseThrow();
        assertEquals(base64(largest), whole.items("content").getLast().text("data").orElse(""));
    }

    @Test
    void givesBackAllThatOneFrameCanBring() throws Exception {
        List<byte[]> pictures = List.of(png(MAX_IMAGE, 11), png(MAX_IMAGE, 12), png(MAX_IMAGE, 13),
                png(MAX_FILE - 3 * MAX_IMAGE, 14));
        answer(message("s", "look", "a", pictures.stream().map(one -> attachment("crab.png", "image/png", one))
                .toArray()));
        String id = client.call("chat.history", Map.of("sessionKey", "s")).items("messages").getFirst()
                .at("__openclaw").flatMap(own -> own.text("id")).orElseThrow();
        Json whole = client.call("chat.message.get", Map.of("sessionKey", "s", "messageId", id)).at("message")
                .orElseThrow();
        assertEquals(pictures.stream().map(Pictures::base64).toList(),
                whole.items("content").stream().skip(1).map(part -> part.text("data").orElse("")).toList());
    }

    @Test
    void namesWhatCannotBeRead() throws Exception {
        assertEquals("attachment 1 has no content; it must be base64 or a data URL",
                refusal("x", Map.of("type", "file")));
        assertEquals("attachment 1 ('a') has no content; it must be base64 or a data URL",
                refusal("x", Map.of("fileName", "a", "content", Map.of("0", 1))));
        assertTrue(
                refusal("x", bare("a.png", "no base64!")).startsWith("attachment 1 ('a.png') is not valid base64: "));
        assertTrue(refusal("x", bare("a.png", "QUJ\u00fc")).startsWith("attachment 1 ('a.png') is not valid base64: "));
        assertEquals("attachment 1 ('a.png') is empty", refusal("x", bare("a.png", "")));
        assertEquals("attachment 1 ('a.png') is a data URL without base64",
                refusal("x", bare("a.png", "data:text/plain,hello")));
        assertTrue(refusal("x", bare("n".repeat(5000), "QUJD")).contains("attachments/0/fileName"));
        assertEquals(0L, client.call("sessions.list").whole("totalCount").orElse(-1L), "nothing was stored");
    }

    @Test
    void refusesWhatSaysNothingAtAll() throws Exception {
        for (Map<String, Object> params : List.<Map<String, Object>>of(
                Map.of("message", "", "sessionKey", "s", "idempotencyKey", "a"),
                Map.of("message", " ", "sessionKey", "s", "idempotencyKey", "a", "attachments", List.of()))) {
            assertEquals("message or attachment required", client.refused("agent", params).getMessage());
        }
        assertEquals("message or attachment required",
                client.refused("sessions.send", Map.of("key", "s", "message", "")).getMessage());
    }

    @Test
    void makesNoSessionForAMessageItCannotTake() throws Exception {
        var refused = client.refused("sessions.create", Map.of("key", "s", "message", "x", "attachments",
                List.of(bare("a", "!"))));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("attachment 1 ('a')"));
        assertEquals(0L, client.call("sessions.list").whole("totalCount").orElse(-1L));
    }

    @Test
    void knowsAnotherRequestUnderTheSameKeyByWhatCameWithIt() throws Exception {
        Map<String, Object> first = message("s", "look", "k", attachment("a.png", "image/png", png(50, 7)));
        assertEquals("started", client.call("chat.send", first).text("status").orElse(""));
        client.call("agent.wait", Map.of("runId", "k"));
        assertEquals("ok", client.call("chat.send", first).text("status").orElse(""));
        String other = String.valueOf(client.refused("chat.send",
                message("s", "look", "k", attachment("a.png", "image/png", png(50, 8)))).getMessage());
        assertEquals("idempotencyKey 'k' was used for another request", other);
        assertEquals(other, client.refused("chat.send", message("s", "look", "k")).getMessage());
    }

    @Test
    void takesNoMoreThanFitsIntoMemoryWhileItWaits() throws Exception {
        byte[] file = new byte[MAX_FILE];
        Map<String, Object> large = attachment("all.bin", "application/zip", file);
        for (int i = 0; i < 3; i++) {
            client.call("chat.send", message("s" + i, "!hang", "r" + i, large));
        }
        var refused = client.refused("chat.send", message("s3", "!hang", "r3", large));
        assertEquals("UNAVAILABLE", refused.code());
        assertEquals("too many messages wait for an answer; try again", refused.getMessage());
        client.call("chat.abort", Map.of("sessionKey", "s0"));
        assertEquals("started",
                client.call("chat.send", message("s3", "!hang", "r3", large)).text("status").orElse(""));
    }

    // ---- commands and hooks ----

    @Test
    void letsCommandsTakeWordsOnly() throws Exception {
        Map<String, Object> crab = attachment("a.png", "image/png", png(50, 9));
        assertEquals("/status takes no attachments", refusal("/status", crab));
        assertEquals("/word takes no attachments", refusal("/word", crab));
        assertEquals("/what is this", answer(message("s", "/what is this", "a", crab)));
        answer(message("s", "/new !attached", "b", crab));
        assertTrue(answers("s").getFirst().startsWith("a.png image/png"),
                "it came with the new session's first message");
        answer(message("s", "/new", "c", crab));
        assertEquals(List.of(), answers("s").stream().filter(text -> !text.isEmpty()).toList());
    }

    @Test
    void letsHooksSeeWhatCame() throws Exception {
        assertEquals("plugin 'words' refuses: no programs here",
                answer(message("s", "run it", "a", bare("bad.exe", "TVqQ"))));
        assertFalse(answer(message("s", "run it", "b", bare("good.exe", "TVqQ"))).contains("no programs"));
    }
}
