package dev.chela.plugin.openai;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import dev.chela.plugin.openai.OpenAiGateway.Chat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Streams in every form that providers send, and in those they should not.
class OpenAiStreamTest {

    private static final String A = FakeProvider.text("a\\u00fc");
    private static final String B = FakeProvider.text("\ud83e\udd80b");
    private static final String STOP = FakeProvider.finish("stop");

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

    private static Chat answerTo(String stream) throws Exception {
        chats.provider().does(reply -> reply.stream().chunk(stream).end());
        return chats.chat();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: %s\n\ndata: %s\n\ndata: %s\n\ndata: [DONE]\n\n",
            "data: %s\r\n\r\ndata: %s\r\n\r\ndata: %s\r\n\r\ndata: [DONE]\r\n\r\n",
            "data: %s\r\rdata: %s\r\rdata: %s\r\rdata: [DONE]\r\r",
            "\uFEFF: a comment\n\nevent: message\nid: 7\nretry: 10\ndata:%s\n:more\n\n\n\ndata:%s\n\ndata:%s\n\ndata:[DONE]\n\n",
            "data: %s\n\ndata: %s\n\ndata: %s\n\n", "data: %s\n\ndata: %s\n\ndata: %s",
            "\n\ndata\n\ndata:\n\ndata: %s\n\nunknown: x\ndata: %s\n\ndata: %s\n\ndata: [DONE]\n\ndata: ignored\n\n"})
    void readsEveryFormOfAStream(String form) throws Exception {
        String stream = form.formatted(A, B, STOP);
        Chat chat = answerTo(stream);
        assertEquals("final", chat.state(), chat.error());
        assertEquals("aü\ud83e\udd80b", chat.answer());
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        chats.provider().does(reply -> {
            reply.stream();
            for (byte b : bytes) {
                reply.chunk(b);
            }
            reply.end();
        });
        assertEquals("aü\ud83e\udd80b", chats.chat().answer());
    }

    @Test
    void joinsTheDataOfSeveralLines() throws Exception {
        assertEquals("x", answerTo("data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"x\"},\ndata:"
                + " \"finish_reason\":\"stop\"}]}\n\n").answer());
    }

    @Test
    void joinsCharactersThatComeInHalvesAndReplacesHalfOnes() throws Exception {
        Chat chat = answerTo("data: " + FakeProvider.text("a\\ud83e") + "\n\ndata: " + FakeProvider.text("\\udd80b")
                + "\n\ndata: " + FakeProvider.text("\\udd80c\\ud83e") + "\n\ndata: " + STOP + "\n\n");
        assertEquals("a\ud83e\udd80b\uFFFDc\uFFFD", chat.answer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/event-stream", "text/plain"})
    void takesAWholeAnswerForAStream(String type) throws Exception {
        chats.provider().answers(200, type, """

                {"id": "x",
                 "choices": [{"index": 0, "message": {"role": "assistant", "content": "all at once"},
                   "finish_reason": "length"}],
                 "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
                """);
        Chat chat = chats.chat();
        assertEquals("all at once", chat.answer());
        assertEquals("length", chat.end().text("stopReason"));
        assertEquals(4L, chat.end().payload().at("usage").flatMap(usage -> usage.whole("output")).orElse(0L));
    }

    @Test
    void takesTextInParts() throws Exception {
        assertEquals("xy", answerTo("""
                data: {"choices":[{"delta":{"content":[{"type":"text","text":"x"},{"type":"image"}]}}]}

                data: {"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"y"}}]}

                data: [DONE]

                """).answer());
    }

    @Test
    void asksAgainWithoutCountingWhereThatIsUnknown() throws Exception {
        chats.provider().does(reply -> {
            if (chats.provider().further() == 1) {
                reply.whole(400, "application/json", "{\"error\":{\"message\":\"unknown field stream_options\"}}");
            } else {
                reply.stream().event(A).event(STOP).event("[DONE]").end();
            }
        });
        while (chats.provider().further() > 0) {
            chats.provider().asked();
        }
        assertEquals("aü", chats.chat().answer());
        assertTrue(chats.provider().asked().body().at("stream_options").isPresent());
        assertTrue(chats.provider().asked().body().at("stream_options").isEmpty());
    }

    @Test
    void tellsTheModelHowHardToThinkUnlessItCannotBeTold() throws Exception {
        chats.client().call("sessions.patch", Map.of("key", "deep", "thinkingLevel", "high"));
        chats.client().call("sessions.patch", Map.of("key", "shallow", "thinkingLevel", "off"));
        while (chats.provider().further() > 0) {
            chats.provider().asked();
        }
        chats.provider().does(reply -> reply.stream().event(A).event(STOP).event("[DONE]").end());
        chats.chat("deep", "hi");
        assertEquals("high", chats.provider().asked().body().text("reasoning_effort").orElse(""));
        chats.provider().does(reply -> {
            if (chats.provider().further() == 1) {
                reply.whole(400, "application/json",
                        "{\"error\":{\"message\":\"unsupported parameter: reasoning_effort\"}}");
            } else {
                reply.stream().event(A).event(STOP).event("[DONE]").end();
            }
        });
        assertEquals("aü", chats.chat("shallow", "hi").answer());
        assertEquals("none", chats.provider().asked().body().text("reasoning_effort").orElse(""));
        assertTrue(chats.provider().asked().body().at("reasoning_effort").isEmpty());
    }

    static Stream<Arguments> badStreams() {
        String partial = "data: " + FakeProvider.text("part") + "\n\n";
        return Stream.of(
                Arguments.of("data: <html>\n\n", "unknown", "provider 'fake' sent something that is not JSON"),
                Arguments.of("<html>\n<body>hello</body>\n", "unknown",
                        "provider 'fake' sent no answer; is its baseUrl right?"),
                Arguments.of("", "unknown", "provider 'fake' sent no answer; is its baseUrl right?"),
                Arguments.of("{\"choices\":[", "unknown", "provider 'fake' sent something that is not JSON"),
                Arguments.of("data: [DONE]\n\n", "unknown", "provider 'fake' sent no answer; is its baseUrl right?"),
                Arguments.of(partial, "unknown", "the answer of provider 'fake' broke off"),
                Arguments.of(partial + "data: " + FakeProvider.finish("content_filter") + "\n\ndata: [DONE]\n\n",
                        "refusal", "provider 'fake' withheld the answer: its content filter objects"),
                Arguments.of(
                        "data: {\"choices\":[{\"delta\":{\"refusal\":\"I won't.\"},\"finish_reason\":\"stop\"}]}\n\n",
                        "refusal", "the model refused: I won't."),
                Arguments.of(partial + "data: {\"error\":{\"message\":\"overloaded\",\"code\":502}}\n\n", "unknown",
                        "provider 'fake' failed (502): overloaded"),
                Arguments.of(partial + "event: error\ndata: {\"error\":\"GPU on fire\"}\n\n", "unknown",
                        "provider 'fake' failed in the middle of its answer: GPU on fire"),
                Arguments.of("{\"object\":\"error\",\"message\":\"maximum context length is 8\",\"type\":\"x\"}",
                        "context_length",
                        "the conversation is too long for model 'crab-1': maximum context length is 8"),
                Arguments.of(partial + "data: {\"choices\":[{\"error\":{\"code\":429,\"message\":\"slow\"},"
                        + "\"finish_reason\":\"error\"}]}\n\n", "rate_limit",
                        "provider 'fake' gets too many requests; try again later (429): slow"));
    }

    @ParameterizedTest
    @MethodSource("badStreams")
    void makesAnErrorOfABadStream(String stream, String kind, String error) throws Exception {
        Chat chat = answerTo(stream);
        assertEquals("error", chat.state(), chat.answer());
        assertEquals(error, chat.error());
        assertEquals(kind, chat.kind());
    }

    @Test
    void makesAnErrorOfAConnectionThatBreaks() throws Exception {
        chats.provider().does(reply -> reply.stream().event(A).close());
        Chat chat = chats.chat();
        assertEquals("the connection to provider 'fake' broke off", chat.error());
        chats.provider().does(FakeProvider.Reply::close);
        assertTrue(chats.chat().error().endsWith("closed the connection without an answer"));
        chats.provider().does(reply -> reply.raw("SSH-2.0-OpenSSH\r\n").close());
        assertTrue(chats.chat().error().endsWith("closed the connection without an answer"));
    }

    @Test
    void stopsReadingALineWithoutEnd() throws Exception {
        byte[] much = new byte[1 << 16];
        Arrays.fill(much, (byte) 'x');
        chats.provider().does(reply -> {
            reply.stream().chunk("data: ");
            while (true) {
                reply.chunk(much);
            }
        });
        assertEquals("the provider sent a line longer than 2 MiB", chats.chat().error());
    }

    @Test
    void stopsReadingAnAnswerWithoutEnd() throws Exception {
        String much = FakeProvider.text("x".repeat(1 << 13));
        chats.provider().does(reply -> {
            reply.stream();
            while (true) {
                reply.event(much);
            }
        });
        assertEquals("provider 'fake' sent an answer longer than 524288 characters", chats.chat().error());
    }

    @Test
    void stopsReadingWhatIsNoAnswerAtAll() throws Exception {
        String comments = ": keep waiting\n".repeat(1 << 13);
        chats.provider().does(reply -> {
            reply.stream();
            while (true) {
                reply.chunk(comments);
            }
        });
        assertEquals("the provider sent an answer longer than 64 MiB", chats.chat().error());
    }
}
