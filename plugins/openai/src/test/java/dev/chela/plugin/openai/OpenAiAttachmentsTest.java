package dev.chela.plugin.openai;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.chela.api.json.Json;
import dev.chela.plugin.openai.FakeProvider.Script;
import dev.chela.runtime.testing.Pictures;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What models are given of pictures and files, as it goes over the wire.
class OpenAiAttachmentsTest {

    private static final Script YES = FakeProvider.stream(FakeProvider.text("yes"), FakeProvider.finish("stop"));

    @TempDir
    Path folder;
    private OpenAiGateway chats;

    @BeforeEach
    void start() throws Exception {
        chats = gateway("");
    }

    private void again(String model) throws Exception {
        chats.close();
        chats = gateway(model);
    }

    private OpenAiGateway gateway(String model) throws Exception {
        var provider = new FakeProvider().does(YES);
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                models: {providers: {fake: {baseUrl: '%s', api: openai-completions%s}}}
                agents: {defaults: {model: fake/crab-1}}
                """.formatted(provider.baseUrl(), model));
        return OpenAiGateway.start(folder, provider, options -> options);
    }

    @AfterEach
    void stop() throws Exception {
        chats.close();
    }

    private void say(String text, Object... attachments) throws Exception {
        assertEquals("yes", chats.end(chats.client().call("chat.send",
                Pictures.message("s", text, UUID.randomUUID().toString(), attachments)).text("runId").orElseThrow())
                .answer());
    }

    private List<Json> asked() throws InterruptedException {
        return chats.provider().asked().body().items("messages");
    }

    private static Map<String, Object> png(int size, long seed) {
        return Pictures.attachment("crab" + seed + ".png", "image/png", Pictures.png(size, seed));
    }

    private static String url(long seed, int size) {
        return "data:image/png;base64," + Pictures.base64(Pictures.png(size, seed));
    }

    private static Map<String, Object> file(String name, String type, String content) {
        return Pictures.attachment(name, type, content.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> urls(Json message) {
        return message.items("content").stream().filter(part -> part.text("type").orElse("").equals("image_url"))
                .map(part -> part.at("image_url").flatMap(image -> image.text("url")).orElse("")).toList();
    }

    private static String words(Json message) {
        return message.text("content").orElseGet(() -> message.items("content").stream()
                .map(part -> part.text("text").orElse("")).reduce("", String::concat));
    }

    // ---- pictures ----

    @ParameterizedTest
    @ValueSource(strings = {"", ", models: [{id: crab-1, input: [text, image]}]"})
    void showsPicturesToAModelThatMaySeeThem(String model) throws Exception {
        again(model);
        say("what is this?", png(3000, 1));
        Json message = asked().getLast();
        assertEquals(Json.of(List.of(Map.of("type", "text", "text", "what is this?"),
                Map.of("type", "image_url", "image_url", Map.of("url", url(1, 3000))))),
                message.at("content").orElseThrow());
    }

    @Test
    void showsAPictureWithoutAWord() throws Exception {
        say("", png(100, 2));
        Json message = asked().getLast();
        assertEquals(1, message.items("content").size());
        assertEquals(List.of(url(2, 100)), urls(message));
    }

    @Test
    void tellsAModelThatSeesNoneWhatCame() throws Exception {
        again(", models: [{id: crab-1, input: [text]}]");
        say("what is this?", png(3000, 1));
        assertEquals(
                "what is this?\n\n[Attached picture \"crab1.png\", image/png, 3000 bytes: you cannot see pictures]",
                asked().getLast().text("content").orElse(""));
    }

    @Test
    void asksOnceMoreWithoutPicturesIfTheProviderWantsNone() throws Exception {
        chats.provider().inTurn(reply -> reply.whole(404, "application/json",
                "{\"error\":{\"message\":\"No endpoints found that support image input\"}}"), YES);
        say("what is this?", png(3000, 1));
        assertEquals(1, urls(asked().getLast()).size());
        assertTrue(words(asked().getLast()).endsWith("3000 bytes: you cannot see pictures]"));
    }

    @Test
    void doesNotShowWhatProvidersDoNotTake() throws Exception {
        say("look", Pictures.attachment("a.heic", "image/heic", Pictures.image("\0\0\0\u0018ftypheic", 50, 1)));
        assertEquals(
                "look\n\n[Attached picture \"a.heic\", image/heic, 50 bytes: you cannot see pictures of this kind]",
                asked().getLast().text("content").orElse(""));
    }

    @Test
    void showsTheNewestPicturesOfEarlierMessagesAgain() throws Exception {
        for (int i = 1; i <= 6; i++) {
            say("picture " + i, png(1000, i));
            asked();
        }
        say("and now?");
        List<Json> asked = asked();
        List<String> shown = new ArrayList<>();
        asked.forEach(message -> shown.addAll(urls(message)));
        assertEquals(List.of(url(3, 1000), url(4, 1000), url(5, 1000), url(6, 1000)), shown);
        assertEquals("picture 2\n\n[Attached picture \"crab2.png\", image/png, 1000 bytes: it is not shown again]",
                words(asked.get(2)));
        assertEquals("and now?", asked.getLast().text("content").orElse(""), "words alone stay a string");
    }

    @Test
    void showsNoMoreOfEarlierMessagesThanIsBearable() throws Exception {
        say("large", png(4_000_000, 1));
        say("larger", png(5_000_000, 2));
        asked();
        assertEquals(2, asked().stream().mapToInt(message -> urls(message).size()).sum(),
                "all of the new message, and of the earlier ones as much as fits");
        say("and now?");
        assertEquals(List.of(url(1, 4_000_000)), asked().stream().flatMap(message -> urls(message).stream()).toList());
    }

    // ---- files ----

    @Test
    void putsTextsIntoTheMessage() throws Exception {
        say("read", file("notes.md", "text/markdown", "walk sideways"), file("a.json", "application/json", "{}"),
                file("b.svg", "image/svg+xml", "<svg/>"), file("c.csv", "text/csv", "a,\u00fc"));
        assertEquals("""
                read

                [Attached file "notes.md", text/markdown, 13 bytes]
                walk sideways
                [End of "notes.md"]

                [Attached file "a.json", application/json, 2 bytes]
                {}
                [End of "a.json"]

                [Attached file "b.svg", image/svg+xml, 6 bytes]
                <svg/>
                [End of "b.svg"]

                [Attached file "c.csv", text/csv, 4 bytes]
                a,\u00fc
                [End of "c.csv"]""", asked().getLast().text("content").orElse(""));
        say("and now?");
        assertTrue(words(asked().getFirst()).contains("walk sideways"), "it is still known");
    }

    @Test
    void cutsLongTextsWithoutCuttingACharacter() throws Exception {
        say("read", file("long.txt", "text/plain", "x" + "\u00fc".repeat(60_000)));
        String words = words(asked().getLast());
        assertTrue(words.endsWith("\u00fc\n[End of the first 100000 bytes of \"long.txt\"]"),
                words.substring(99_000 / 2));
        assertFalse(words.contains("\ufffd"));
    }

    @Test
    void leavesRoomInASmallContext() throws Exception {
        again(", models: [{id: crab-1, contextWindow: 1000, maxTokens: 200}]");
        say("read", file("long.txt", "text/plain", "x".repeat(50_000)));
        assertTrue(words(asked().getLast()).endsWith("[End of the first 1200 bytes of \"long.txt\"]"));
    }

    @Test
    void namesWhatTheModelCannotRead() throws Exception {
        say("read", Pictures.attachment("a.pdf", "application/pdf", new byte[]{1, 2, 3}),
                Pictures.attachment("b.txt", "text/plain", new byte[]{'a', (byte) 0xFF}),
                Pictures.attachment("c.txt", "text/plain", new byte[]{'a', 0}));
        assertEquals("read\n\n[Attached file \"a.pdf\", application/pdf, 3 bytes: you cannot read its content]"
                + "\n\n[Attached file \"b.txt\", text/plain, 2 bytes: you cannot read its content]"
                + "\n\n[Attached file \"c.txt\", text/plain, 2 bytes: you cannot read its content]",
                asked().getLast().text("content").orElse(""));
    }

    @Test
    void tellsClientsWhatModelsTake() throws Exception {
        again(", models: [{id: crab-1, input: [text]}, {id: crab-2, input: [text, image]}, {id: crab-3}]");
        say("hello");
        assertEquals(List.of(List.of("text"), List.of("text", "image"), List.of("text", "image")),
                chats.client().call("models.list").items("models").stream()
                        .map(model -> model.items("input").stream().map(one -> ((Json.Text) one).value()).toList())
                        .toList());
    }
}
