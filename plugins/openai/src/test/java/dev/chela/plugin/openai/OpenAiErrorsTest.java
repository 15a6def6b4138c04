package dev.chela.plugin.openai;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.chela.plugin.openai.OpenAiGateway.Chat;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Providers that refuse, fail or keep silent, and what the person is told.
class OpenAiErrorsTest {

    @TempDir
    static Path folder;
    private static OpenAiGateway chats;

    @BeforeAll
    static void start() throws Exception {
        chats = OpenAiGateway.configured(folder, """
                plugins: {entries: {openai: {config: {firstByteTimeoutMs: 700, idleTimeoutMs: 700}}}}
                logging: {level: debug}
                """);
    }

    @AfterAll
    static void stop() throws Exception {
        chats.close();
    }

    private static String error(String message, String code) {
        return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"t\",\"code\":\"" + code + "\"}}";
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(401, error("Incorrect API key provided: " + OpenAiGateway.KEY, "invalid_api_key"), "",
                        "unknown", "provider 'fake' refuses the API key, or the key may not use model 'crab-1' (401):"
                                + " Incorrect API key provided: ***"),
                Arguments.of(403, "{\"detail\":\"no\"}", "", "unknown",
                        "provider 'fake' refuses the API key, or the key may not use model 'crab-1' (403): no"),
                Arguments.of(404, error("The model does not exist", "model_not_found"), "", "unknown",
                        "provider 'fake' does not know model 'crab-1', or its baseUrl is wrong (404): The model does not"
                                + " exist"),
                Arguments.of(429, error("Slow down", "rate_limit_exceeded"), "retry-after: 20", "rate_limit",
                        "provider 'fake' gets too many requests; try again in 20 s (429): Slow down"),
                Arguments.of(429, "busy", "retry-after-ms: 1500", "rate_limit",
                        "provider 'fake' gets too many requests; try again in 2 s (429): busy"),
                Arguments.of(429, "", "retry-after: Wed, 21 Oct 2015 07:28:00 GMT", "rate_limit",
                        "provider 'fake' gets too many requests; try again later (429)"),
                Arguments.of(429, error("You exceeded your quota", "insufficient_quota"), "", "rate_limit",
                        "the account at provider 'fake' is used up (429): You exceeded your quota"),
                Arguments.of(402, "", "", "rate_limit", "the account at provider 'fake' is used up (402)"),
                Arguments.of(400, error("too many", "context_length_exceeded"), "", "context_length",
                        "the conversation is too long for model 'crab-1' (400): too many"),
                Arguments.of(400, "{\"error\":\"the prompt is too long: 9 > 8\"}", "", "context_length",
                        "the conversation is too long for model 'crab-1' (400): the prompt is too long: 9 > 8"),
                Arguments.of(400, error("no such field", "x"), "", "unknown",
                        "provider 'fake' refused the request (400): no such field"),
                Arguments.of(400, error("bad words", "content_policy_violation"), "", "refusal",
                        "provider 'fake' refuses to answer this (400): bad words"),
                Arguments.of(500, "<html>nginx</html>", "", "unknown", "provider 'fake' failed (500)"),
                Arguments.of(503, "{\"message\":\"a\\nb\\u0007c\"}", "", "unknown",
                        "provider 'fake' failed (503): a b c"),
                Arguments.of(504, "", "", "timeout", "provider 'fake' took too long (504)"),
                Arguments.of(307, "", "location: http://127.0.0.1:1/v1/chat/completions", "unknown",
                        "provider 'fake' redirects elsewhere; set its baseUrl to where it is (307)"),
                Arguments.of(204, "", "", "unknown", "provider 'fake' sent no answer; is its baseUrl right?"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void saysWhatAProviderRefused(int status, String body, String header, String kind, String error) throws Exception {
        chats.provider().answers(status, "application/json", body, header.isEmpty()
                ? new String[0]
                : new String[]{header});
        Chat chat = chats.chat();
        assertEquals("error", chat.state());
        assertEquals(error, chat.error());
        assertEquals(kind, chat.kind());
        chats.provider().asked();
        assertEquals(0, chats.provider().further(), "asked again");
    }

    /// Providers repeat keys whole, shortened and starred.
    @Test
    void showsTheKeyNowhere() throws Exception {
        String key = OpenAiGateway.KEY;
        chats.provider().answers(401, "application/json", error("bad key " + key + ", " + key.substring(0, 9)
                + "...Zx, sk-te***wZx, Bearer " + key + " of " + key.substring(5) + " or sk-other-key", "x"));
        Chat chat = chats.chat("secret", "hi");
        assertTrue(chat.error().endsWith(": bad key ***, ***, ***, Bearer *** of *** or ***"), chat.error());
        chats.provider().answers(500, "text/plain", "x".repeat(290) + " " + key);
        assertFalse(chats.chat("secret", "hi").error().contains("sk-"));
        chats.provider().asked();
        chats.provider().asked();
        String all = chats.history("secret").toString() + chats.client().call("config.get")
                + chats.client().call("models.list") + chats.client().call("logs.tail");
        assertFalse(all.contains("4fJ29d"), "the key is shown");
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            for (Path file : files.filter(Files::isRegularFile).filter(one -> !one.endsWith("chela.yaml")).toList()) {
                assertFalse(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1).contains("4fJ29d"),
                        file.toString());
            }
        }
    }

    @Test
    void givesUpOnAProviderThatNeverBegins() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply.awaitClose(closed));
        Chat chat = chats.chat();
        assertEquals("provider 'fake' has not begun to answer within 700 ms", chat.error());
        assertEquals("timeout", chat.kind());
        assertTrue(closed.await(2, TimeUnit.SECONDS), "the connection is still open");
        chats.provider().asked();
    }

    @Test
    void givesUpOnAProviderThatFallsSilent() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply.stream().event(FakeProvider.text("half")).awaitClose(closed));
        Chat chat = chats.chat();
        assertEquals("provider 'fake' fell silent in the middle of its answer", chat.error());
        assertEquals("timeout", chat.kind());
        assertEquals("half", chat.shown());
        assertTrue(closed.await(2, TimeUnit.SECONDS), "the connection is still open");
        chats.provider().asked();
    }

    /// Each word is in time, the whole takes longer than any limit.
    @Test
    void waitsForASlowProviderThatGoesOn() throws Exception {
        chats.provider().does(reply -> {
            reply.stream();
            for (int i = 0; i < 10; i++) {
                new CountDownLatch(1).await(120, TimeUnit.MILLISECONDS);
                reply.event(FakeProvider.text("w"));
            }
            reply.event(FakeProvider.finish("stop")).event("[DONE]").end();
        });
        assertEquals("w".repeat(10), chats.chat().answer());
        chats.provider().asked();
    }

    @Test
    void showsAServersFailureWithinFiveSecondsEvenIfItsTextNeverEnds() throws Exception {
        var closed = new CountDownLatch(1);
        chats.provider().does(reply -> reply
                .raw("HTTP/1.1 502 X\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\nno upstream")
                .awaitClose(closed));
        long begun = System.nanoTime();
        assertEquals("provider 'fake' failed (502): no upstream", chats.chat().error());
        assertTrue(Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 5);
        assertTrue(closed.await(2, TimeUnit.SECONDS), "the connection is still open");
        chats.provider().asked();
    }

    @Test
    void saysThatNobodyListens(@TempDir Path other) throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        TestGateway.write(other.resolve("state/chela.yaml"), """
                models:
                  providers: {gone: {baseUrl: 'http://127.0.0.1:%d'}, nowhere: {baseUrl: 'http://no-such-host.invalid'}}
                agents:
                  list: [{id: main, model: gone/m}, {id: lost, model: nowhere/m}, {id: odd, model: unheard/m}]
                """.formatted(port));
        try (var gone = OpenAiGateway.start(other, new FakeProvider(), options -> options)) {
            assertEquals("provider 'gone' at 127.0.0.1:" + port + " cannot be reached: the connection was refused",
                    gone.chat().error());
            assertEquals("provider 'nowhere' at no-such-host.invalid cannot be reached: no such host",
                    gone.chat("agent:lost:main", "hi").error());
            assertEquals("nothing says where provider 'unheard' is reached; set models.providers.unheard.baseUrl",
                    gone.chat("agent:odd:main", "hi").error());
        }
    }
}
