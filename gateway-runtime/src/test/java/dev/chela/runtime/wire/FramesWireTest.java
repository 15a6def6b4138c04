package dev.chela.runtime.wire;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Bad input after hello: answered clearly, survived by the connection, felt by nobody else.
class FramesWireTest {

    @TempDir
    static Path folder;
    static TestGateway gateway;
    static RawSocket bystander;

    @BeforeAll
    static void start() throws IOException {
        gateway = TestGateway.start(folder);
        bystander = RawSocket.webSocketTo(gateway.port());
        bystander.connect();
    }

    @AfterAll
    static void stop() throws IOException {
        bystander.close();
        gateway.close();
    }

    @AfterEach
    void theBystanderIsStillServed() throws IOException {
        assertTrue(call(bystander, "still here", "health", "{}").contains("\"ok\":true"));
    }

    private static RawSocket open() throws IOException {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        socket.connect();
        return socket;
    }

    private static String call(RawSocket socket, String id, String method, String params) throws IOException {
        socket.text("{\"type\":\"req\",\"id\":\"" + id + "\",\"method\":\"" + method + "\",\"params\":" + params + "}");
        return socket.readUntil("\"id\":\"" + id + "\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{\"type\":\"req\",\"id\":\"1\"}                                    | must have required property 'method'",
            "{\"type\":\"req\",\"id\":\"1\",\"method\":5}                       | at /method: must be string",
            "{\"type\":\"req\",\"id\":\"1\",\"method\":\"\"}                    | at /method: must not have fewer than 1",
            "{\"type\":\"req\",\"id\":\"1\",\"method\":\"health\",\"extra\":1}  | at root: unexpected property 'extra'",
            "{\"type\":\"res\",\"id\":\"1\",\"method\":\"health\"}              | at /type: must be equal to one of",
            "[1,2,3]                                                            | at root: must be object",
            "\"text\"                                                           | at root: must be object"})
    void saysWhatIsWrongWithAFrame(String frame, String problem) throws IOException {
        try (RawSocket socket = open()) {
            String answer = socket.text(frame.strip()).readUntil("\"type\":\"res\"");
            assertTrue(answer.contains("invalid request frame: "), answer);
            assertTrue(answer.contains(problem.strip()), answer);
            assertTrue(call(socket, "after", "health", "{}").contains("\"ok\":true"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{\"type\":\"req\",\"id\":7,\"method\":\"health\"}    | \"id\":7,",
            "{\"type\":\"req\",\"id\":\"\",\"method\":\"health\"} | \"id\":\"\",",
            "{\"type\":\"req\",\"method\":\"health\"}             | \"id\":\"invalid\","})
    void answersUnderTheIdAsItWasSent(String frame, String id) throws IOException {
        try (RawSocket socket = open()) {
            assertTrue(socket.text(frame.strip()).readUntil("\"ok\":false").contains(id.strip()));
        }
    }

    @Test
    void ignoresWhatIsNoJson() throws IOException {
        try (RawSocket socket = open()) {
            socket.text("{\"type\":").text("garbage").text("{} {}").frame(0x82, new byte[]{0, 1, 2, (byte) 0xFF});
            assertTrue(call(socket, "after", "health", "{}").contains("\"ok\":true"));
        }
    }

    private static Stream<String> excessive() {
        return Stream.of("[".repeat(100_000) + "]".repeat(100_000), "{\"a\":".repeat(80) + "1" + "}".repeat(80),
                "9".repeat(2000), "{\"" + "n".repeat(50_000) + "\":1}");
    }

    @ParameterizedTest
    @MethodSource("excessive")
    void saysThatJsonIsBeyondItsLimits(String params) throws IOException {
        try (RawSocket socket = open()) {
            String answer = call(socket, "deep", "health", params);
            assertTrue(answer.contains("invalid request frame: JSON beyond the limits: 64 levels"), answer);
            assertTrue(call(socket, "after", "health", "{}").contains("\"ok\":true"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE"})
    void readsNothingButUtf8(String charset) throws IOException {
        byte[] request = "{\"type\":\"req\",\"id\":7,\"method\":\"health\",\"params\":{}}"
                .getBytes(Charset.forName(charset));
        try (RawSocket socket = open(); RawSocket stranger = RawSocket.webSocketTo(gateway.port())) {
            socket.frame(0x82, request);
            assertTrue(call(socket, "after", "health", "{}").contains("\"ok\":true"));
            assertEquals(1000, stranger.frame(0x82, request).readClose().closeCode());
        }
    }

    @Test
    void blamesTheClientForTextThatIsNotUtf8() throws IOException {
        try (RawSocket socket = open()) {
            byte[] request = "{\"type\":\"req\",\"id\":\"u\",\"method\":\"system-event\",\"params\":{\"text\":\"\u00ed\u00a0\u0080\"}}"
                    .getBytes(StandardCharsets.ISO_8859_1);
            String answer = socket.frame(0x82, request).readUntil("\"id\":\"u\"");
            assertTrue(answer.contains("INVALID_REQUEST") && answer.contains("invalid system-event params: "), answer);
        }
    }

    @Test
    void closesOnAFrameBeyondTheLimit() throws IOException {
        try (RawSocket socket = open()) {
            byte[] large = new byte[(25 << 20) + 1];
            assertEquals(1009, socket.frame(0x81, large).readClose().closeCode());
        }
    }

    @Test
    void answersBothRequestsOfOneId() throws IOException {
        try (RawSocket socket = open()) {
            String twice = "{\"type\":\"req\",\"id\":\"same\",\"method\":\"health\"}";
            socket.text(twice).text(twice);
            socket.readUntil("\"id\":\"same\"");
            assertTrue(socket.readUntil("\"id\":\"same\"").contains("\"ok\":true"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "chat.send    | {}                                          | must have required property 'sessionKey'",
            "chat.send    | {\"sessionKey\":1,\"message\":\"a\",\"idempotencyKey\":\"k\"} | at /sessionKey: must be string",
            "chat.history | {\"sessionKey\":\"main\",\"limit\":0}       | at /limit: must be >= 1",
            "chat.history | {\"sessionKey\":\"main\",\"limit\":\"x\"}   | at /limit: must be integer",
            "chat.history | {\"sessionKey\":\"main\",\"nope\":true}     | at root: unexpected property 'nope'",
            "chat.history | {\"sessionKey\":\"agent:nobody:main\"}      | unknown agent id",
            "chat.history | []                                          | at root: must be object",
            "sessions.list | {\"limit\":1e99}                           | at /limit: must be <= 2147483647",
            "logs.tail    | {\"limit\":5001}                            | at /limit: must be <= 5000",
            "agent        | {\"message\":\"a\",\"idempotencyKey\":\"\"} | at /idempotencyKey: must not have fewer than 1 characters"})
    void saysWhatIsWrongWithParams(String method, String params, String problem) throws IOException {
        try (RawSocket socket = open()) {
            String answer = call(socket, "p", method.strip(), params.strip());
            assertTrue(answer.contains("\"INVALID_REQUEST\""), answer);
            assertTrue(answer.contains(problem.strip()), answer);
        }
    }

    @Test
    void answersUnknownMethodsWordForWord() throws Exception {
        try (Client admin = gateway.admin(); Client reader = gateway.with("operator.read")) {
            var unknown = admin.refused("no.such.method", Map.of());
            assertEquals("INVALID_REQUEST", unknown.code());
            assertEquals("unknown method: no.such.method", unknown.getMessage());
            var hidden = reader.refused("no.such.method", Map.of());
            assertEquals("FORBIDDEN", hidden.code());
            assertEquals("missing scope: operator.admin", hidden.getMessage());
        }
    }

    @Test
    void tellsAMissingScopeInTheFormOfTheProtocol() throws Exception {
        try (Client reader = gateway.with("operator.read")) {
            var denied = reader.refused("chat.send",
                    Map.of("sessionKey", "main", "message", "x", "idempotencyKey", "k"));
            assertEquals("FORBIDDEN", denied.code());
            assertEquals("missing scope: operator.write", denied.getMessage());
            Json details = denied.details() == null ? Json.Null.VALUE : denied.details();
            assertEquals("MISSING_SCOPE", details.text("code").orElse(""));
            assertEquals("operator.write", details.text("missingScope").orElse(""));
            assertEquals(List.of(Json.of("operator.write")), details.items("requiredScopes"));
        }
    }

    @Test
    void takesALargeRequest() throws IOException {
        try (RawSocket socket = open()) {
            String answer = call(socket, "large", "health", "{\"pad\":\"" + "x".repeat(20 << 20) + "\"}");
            assertTrue(answer.contains("\"ok\":true"));
        }
    }
}
