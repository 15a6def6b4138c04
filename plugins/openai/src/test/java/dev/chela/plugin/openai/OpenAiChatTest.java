package dev.chela.plugin.openai;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.chela.api.json.Json;
import dev.chela.plugin.openai.OpenAiGateway.Chat;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// A chat that a provider answers.
class OpenAiChatTest {

    @TempDir
    static Path folder;
    private static OpenAiGateway chats;

    @BeforeAll
    static void start() throws Exception {
        chats = OpenAiGateway.configured(folder, "");
    }

    @AfterAll
    static void stop() throws Exception {
        chats.close();
    }

    private static String said(Json message) {
        return message.text("role").orElse("") + ": " + message.text("content").orElse("");
    }

    @Test
    void showsEachWordAsItComesAndKeepsTheAnswerWithItsUsage() throws Exception {
        var go = new CountDownLatch(1);
        chats.provider().does(reply -> {
            reply.stream().event("{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
            reply.event(FakeProvider.text("Hello"));
            go.await();
            reply.event(FakeProvider.text(" crab")).event(FakeProvider.finish("stop"));
            reply.event("{\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":8}}}").event("[DONE]").end();
        });
        String run = chats.send("words", "hi");
        assertEquals("Hello", chats.client().await("chat", event -> event.text("runId").equals(run))
                .text("deltaText"));
        go.countDown();
        Chat chat = chats.end(run);
        assertEquals("final", chat.state());
        assertEquals("Hello crab", chat.answer());
        assertEquals("stop", chat.end().text("stopReason"));
        Json usage = chat.end().payload().at("usage").orElseThrow();
        assertEquals(List.of(12L, 2L, 8L), List.of(usage.whole("input").orElse(0L), usage.whole("output").orElse(0L),
                usage.whole("cacheRead").orElse(0L)));
        Json last = chats.history("words").getLast();
        assertEquals("Hello crab", OpenAiGateway.text(last));
        assertEquals(12L, last.at("usage").flatMap(told -> told.whole("input")).orElse(0L));
        assertEquals("crab-1", last.text("model").orElse(""));
        assertEquals("fake", last.text("provider").orElse(""));
        chats.provider().asked();
    }

    @Test
    void sendsModelKeyHistoryAndMessageToTheProvider() throws Exception {
        chats.provider().streams(FakeProvider.text("first answer"), FakeProvider.finish("stop"));
        chats.chat("talk", "first \"question\" ü \ud83e\udd80");
        FakeProvider.Asked first = chats.provider().asked();
        assertTrue(first.head().startsWith("POST /v1/chat/completions HTTP/1.1\r\n"), first.head());
        assertEquals("Bearer " + OpenAiGateway.KEY, first.header("authorization"));
        assertEquals("application/json", first.header("content-type"));
        assertFalse(first.head().contains("h2c"), first.head());
        assertEquals("crab-1", first.body().text("model").orElse(""));
        assertTrue(first.body().flag("stream").orElse(false));
        assertTrue(first.body().at("stream_options").flatMap(all -> all.flag("include_usage")).orElse(false));
        assertEquals(List.of("user: first \"question\" ü \ud83e\udd80"),
                first.body().items("messages").stream().map(OpenAiChatTest::said).toList());

        chats.client().call("agent", Map.of("sessionKey", "talk", "message", "second question", "idempotencyKey", "a2",
                "extraSystemPrompt", "be brief"));
        assertEquals(List.of("system: be brief", "user: first \"question\" ü \ud83e\udd80", "assistant: first answer",
                "user: second question"),
                chats.provider().asked().body().items("messages").stream().map(OpenAiChatTest::said).toList());
        assertEquals("final", chats.client().await("chat", event -> event.text("runId").equals("a2")
                && !event.text("state").equals("delta")).text("state"));
    }

    @Test
    void makesOneMessageOfWhatOneSaidInARow() throws Exception {
        chats.provider().answers(500, "text/plain", "");
        chats.chat("twice", "one");
        chats.provider().asked();
        chats.provider().streams(FakeProvider.text("ok"), FakeProvider.finish("stop"));
        chats.chat("twice", "two");
        List<String> said = chats.provider().asked().body().items("messages").stream().map(OpenAiChatTest::said)
                .toList();
        assertEquals(List.of("user: one\n\ntwo"), said);
    }

    @Test
    void usesAConnectionAgain() throws Exception {
        chats.provider().streams(FakeProvider.text("a"), FakeProvider.finish("stop"));
        chats.chat();
        int before = chats.provider().connections();
        for (int i = 0; i < 5; i++) {
            assertEquals("a", chats.chat().answer());
        }
        assertEquals(before, chats.provider().connections());
        for (int i = 0; i < 6; i++) {
            chats.provider().asked();
        }
    }

    @Test
    void endsTheProvidersWorkWhenTheChatIsAborted() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply.stream().event(FakeProvider.text("endless")).awaitClose(closed));
        String run = chats.send("abort", "hi");
        chats.client().await("chat", event -> event.text("runId").equals(run));
        assertTrue(chats.client().call("chat.abort", Map.of("sessionKey", "abort", "runId", run)).flag("aborted")
                .orElse(false));
        Chat chat = chats.end(run);
        assertEquals("aborted", chat.state());
        assertEquals("endless", chat.answer());
        assertTrue(closed.await(2, TimeUnit.SECONDS), "the connection is still open");
        chats.provider().asked();
    }

    @Test
    void endsTheProvidersWorkWhenTheChatIsAbortedBeforeTheAnswerBegins() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply.awaitClose(closed));
        String run = chats.send("early", "hi");
        chats.provider().asked();
        chats.client().call("chat.abort", Map.of("sessionKey", "early"));
        assertEquals("aborted", chats.end(run).state());
        assertTrue(closed.await(2, TimeUnit.SECONDS), "the connection is still open");
    }

    @Test
    void endsWithTheTimeOfTheRun() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply.stream().event(FakeProvider.text("slow")).awaitClose(closed));
        chats.client().call("chat.send", Map.of("sessionKey", "deadline", "message", "hi", "idempotencyKey", "late",
                "timeoutMs", 300));
        assertTrue(List.of("aborted", "error").contains(chats.end("late").state()));
        assertTrue(closed.await(TestGateway.PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "still open");
        chats.provider().asked();
    }

    @Test
    void letsManyChatsRunAtOnce() throws Exception {
        chats.provider().streams(FakeProvider.text("many"), FakeProvider.finish("stop"));
        List<String> runs = new java.util.ArrayList<>();
        for (int i = 0; i < 20; i++) {
            runs.add(chats.send("many-" + i, "hi"));
        }
        var ended = new java.util.HashSet<String>();
        while (ended.size() < runs.size()) {
            var event = chats.client().await("chat", one -> one.text("state").equals("final"));
            assertEquals("many", event.payload().at("message").map(OpenAiGateway::text).orElse(""));
            ended.add(event.text("runId"));
        }
        assertTrue(ended.containsAll(runs));
        for (int i = 0; i < 20; i++) {
            chats.provider().asked();
        }
    }
}
