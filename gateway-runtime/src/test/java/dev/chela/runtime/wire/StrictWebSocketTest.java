package dev.chela.runtime.wire;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.RawSocket.Received;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// RFC 6455 to the letter, as raw sockets see it.
class StrictWebSocketTest {

    private static final int FRAME = 1 << 20;

    @TempDir
    static Path folder;
    static TestGateway gateway;

    @BeforeAll
    static void start() {
        Limits standard = Limits.standard();
        var limits = new Limits(64 << 10, FRAME, standard.outbox(), standard.allOutboxes(), 8 << 20,
                Duration.ofSeconds(5), standard.tick(), standard.ping());
        gateway = TestGateway.start(folder, options -> options.withLimits(limits));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    // ---- the handshake ----

    private static String answerTo(String request) throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            return socket.send(request.replace("\n", "\r\n")).readHead();
        }
    }

    private static String handshake(String without, String with) {
        String whole = """
                GET / HTTP/1.1
                Host: 127.0.0.1
                Upgrade: websocket
                Connection: keep-alive, Upgrade
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                """;
        return whole.replace(without, with);
    }

    @Test
    void answersTheKeyOfTheRfc() throws IOException {
        String head = answerTo(handshake("", ""));
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
        assertTrue(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
    }

    @Test
    void sayNothingObsoleteAndNegotiatesNoExtension() throws IOException {
        String head = answerTo(handshake("Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Version: 13\nSec-WebSocket-Extensions: permessage-deflate\nSec-WebSocket-Protocol: chat"));
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
        assertFalse(head.contains("Extensions") || head.contains("Sec-WebSocket-Protocol"), head);
        assertFalse(head.contains("Location") || head.contains("Origin"), head);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "Upgrade: websocket          | Upgrade: h2c                        | 400",
            "Upgrade: websocket          | Upgrade: websocket, h2c             | 400",
            "keep-alive, Upgrade         | keep-alive                          | 400",
            "GET / HTTP/1.1              | GET / HTTP/1.0                      | 400",
            "GET / HTTP/1.1              | POST / HTTP/1.1                     | 405",
            "Sec-WebSocket-Version: 13   | Sec-WebSocket-Version: 8            | 426",
            "Sec-WebSocket-Version: 13   | X-Other: 1                          | 426",
            "dGhlIHNhbXBsZSBub25jZQ==    | c2hvcnQ=                            | 400",
            "dGhlIHNhbXBsZSBub25jZQ==    | !!!!!!!!!!!!!!!!!!!!!!!!            | 400",
            "Host: 127.0.0.1             | X-Host: 127.0.0.1                   | 400",
            "Host: 127.0.0.1             | Host: 127.0.0.1~Host: localhost     | 400",
            "Upgrade: websocket          | X-Upgrade: websocket                | 400",
            "Connection: keep-alive      | Connection: close~X-Connection: a   | 400",
            "Sec-WebSocket-Version: 13   | Sec-WebSocket-Version: 13~Sec-WebSocket-Version: 13 | 426",
            "Sec-WebSocket-Key:          | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==~Sec-WebSocket-Key: | 400",
            "Sec-WebSocket-Key:          | X-Key:                              | 400"})
    void refusesWhatIsNoHandshake(String without, String with, int status) throws IOException {
        String head = answerTo(handshake(without.strip(), with.strip().replace("~", "\n")));
        assertTrue(head.matches("(?s)HTTP/1\\.[01] " + status + " .*"), head);
        if (status == 426) {
            assertTrue(head.contains("Sec-WebSocket-Version: 13"), head);
        } else if (status == 405) {
            assertTrue(head.contains("Allow: GET"), head);
        }
    }

    @Test
    void refusesAForwardedHandshake() throws IOException {
        String head = answerTo(handshake("Host: 127.0.0.1", "Host: 127.0.0.1\nX-Forwarded-For: 203.0.113.9"));
        assertTrue(head.startsWith("HTTP/1.1 403 "), head);
    }

    @Test
    void refusesAHeadWithTooManyHeaders() throws IOException {
        String head = answerTo(handshake("Host: 127.0.0.1", "Host: 127.0.0.1" + "\nX-A: b".repeat(200)));
        assertTrue(head.isEmpty() || head.startsWith("HTTP/1.1 4"), head);
        assertTrue(answerTo(handshake("", "")).startsWith("HTTP/1.1 101 "));
    }

    @Test
    void takesAnyPath() throws IOException {
        assertTrue(answerTo(handshake("GET / ", "GET /some/path?x=1 ")).startsWith("HTTP/1.1 101 "));
    }

    @Test
    void readsWhatComesRightBehindTheHandshake() throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            byte[] ping = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
            byte[] request = handshake("", "").replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
            socket.send(ByteBuffer.allocate(request.length + ping.length).put(request).put(ping).array());
            assertTrue(socket.readHead().startsWith("HTTP/1.1 101 "));
            Received first = socket.read();
            Received second = socket.read();
            assertTrue(first.opcode() == 10 || second.opcode() == 10);
        }
    }

    // ---- frames ----

    private static RawSocket open() throws IOException {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        socket.connect();
        return socket;
    }

    private static void assertClosed(int code, RawSocket socket) throws IOException {
        assertEquals(code, socket.readClose().closeCode());
        assertTrue(socket.ends());
        socket.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0xC1, 0xA1, 0x91, 0x83, 0x87, 0x8B, 0x8F})
    void refusesReservedBitsAndOpcodes(int first) throws IOException {
        assertClosed(1002, open().frame(first, new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x81, 0x89, 0x88})
    void refusesFramesThatAreNotMasked(int first) throws IOException {
        assertClosed(1002, open().send((byte) first, (byte) 0));
    }

    @Test
    void refusesLongOrBrokenUpControlFrames() throws IOException {
        assertClosed(1002, open().frame(0x89, new byte[126]));
        assertClosed(1002, open().frame(0x09, new byte[1]));
    }

    @Test
    void refusesAContinuationOfNothingAndAMessageInAMessage() throws IOException {
        assertClosed(1002, open().frame(0x80, new byte[1]));
        assertClosed(1002, open().frame(0x01, "{".getBytes(StandardCharsets.UTF_8)).frame(0x81, new byte[1]));
    }

    @Test
    void refusesANegativeLength() throws IOException {
        byte[] head = ByteBuffer.allocate(14).put((byte) 0x81).put((byte) 0xFF).putLong(-1).putInt(0).array();
        assertClosed(1002, open().send(head));
    }

    @Test
    void refusesADeclaredLengthBeyondTheLimitAtOnce() throws IOException {
        byte[] head = ByteBuffer.allocate(14).put((byte) 0x81).put((byte) 0xFF).putLong(1L << 62).putInt(0).array();
        assertClosed(1009, open().send(head));
    }

    @Test
    void countsFragmentsAgainstTheLimit() throws IOException {
        byte[] half = new byte[FRAME / 2 + 1];
        Arrays.fill(half, (byte) ' ');
        assertClosed(1009, open().frame(0x01, half).frame(0x80, half));
    }

    @Test
    void refusesTooManyFragments() throws IOException {
        RawSocket socket = open();
        socket.frame(0x01, new byte[]{'{'});
        byte[] empty = {0x00, (byte) 0x80, 0, 0, 0, 0};
        ByteBuffer many = ByteBuffer.allocate(empty.length * 16_384);
        while (many.hasRemaining()) {
            many.put(empty);
        }
        assertClosed(1008, socket.send(many.array()));
    }

    @Test
    void putsFragmentsTogetherWithControlFramesBetween() throws IOException {
        try (RawSocket socket = open()) {
            socket.frame(0x01, "{\"type\":\"req\",\"id\":\"f\",".getBytes(StandardCharsets.UTF_8));
            socket.frame(0x89, new byte[]{1, 2, 3});
            socket.frame(0x00, new byte[0]);
            socket.frame(0x80, "\"method\":\"health\"}".getBytes(StandardCharsets.UTF_8));
            assertTrue(socket.readUntil("\"id\":\"f\"").contains("\"ok\":true"));
        }
    }

    @Test
    void takesBinaryMessagesThatHoldJson() throws IOException {
        try (RawSocket socket = open()) {
            socket.frame(0x82,
                    "{\"type\":\"req\",\"id\":\"b\",\"method\":\"health\"}".getBytes(StandardCharsets.UTF_8));
            assertTrue(socket.readUntil("\"id\":\"b\"").contains("\"ok\":true"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C080", "EDA080", "F4908080", "FF", "E28228", "C3"})
    void refusesTextThatIsNotUtf8(String hex) throws IOException {
        assertClosed(1007, open().frame(0x81, HexFormat.of().parseHex(hex)));
    }

    @Test
    void noticesBadUtf8BeforeTheMessageHasEnded() throws IOException {
        assertClosed(1007, open().frame(0x01, new byte[]{(byte) 0xE2}).frame(0x00, new byte[]{'x'}));
    }

    @Test
    void takesACharacterThatIsSplitBetweenFragments() throws IOException {
        try (RawSocket socket = open()) {
            byte[] text = "{\"type\":\"req\",\"id\":\"é\",\"method\":\"health\"}".getBytes(StandardCharsets.UTF_8);
            int middle = new String(text, StandardCharsets.ISO_8859_1).indexOf('Ã') + 1;
            socket.frame(0x01, Arrays.copyOf(text, middle));
            socket.frame(0x80, Arrays.copyOfRange(text, middle, text.length));
            assertTrue(socket.readUntil("\"id\":\"é\"").contains("\"ok\":true"));
        }
    }

    // ---- closing and pinging ----

    @ParameterizedTest
    @ValueSource(ints = {999, 1004, 1005, 1006, 1015, 2999, 5000})
    void refusesCloseCodesThatMustNotBeSent(int code) throws IOException {
        assertClosed(1002, open().frame(0x88, new byte[]{(byte) (code >> 8), (byte) code}));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1012, 1014, 3000, 4999})
    void answersAGoodbyeWithItsCode(int code) throws IOException {
        assertClosed(code, open().frame(0x88, new byte[]{(byte) (code >> 8), (byte) code}));
    }

    @Test
    void refusesACloseFrameWithHalfACodeOrABrokenReason() throws IOException {
        assertClosed(1002, open().frame(0x88, new byte[]{3}));
        assertClosed(1007, open().frame(0x88, new byte[]{3, (byte) 0xE8, (byte) 0xFF}));
    }

    @Test
    void answersPingsWithTheirPayload() throws IOException {
        try (RawSocket socket = open()) {
            Received pong = socket.frame(0x89, "abc".getBytes(StandardCharsets.UTF_8)).read();
            while (pong.opcode() != 10) {
                pong = socket.read();
            }
            assertEquals("abc", pong.text());
        }
    }

    @Test
    void endsAFloodOfPings() throws IOException {
        RawSocket socket = open();
        byte[] ping = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
        ByteBuffer flood = ByteBuffer.allocate(ping.length * 1300);
        while (flood.hasRemaining()) {
            flood.put(ping);
        }
        Received close = socket.send(flood.array()).readClose();
        assertEquals(1008, close.closeCode());
        assertEquals("too many pings", close.closeReason());
        socket.close();
    }

    @Test
    void tellsTheViolationEvenWhileTheClientGoesOnSending() throws IOException {
        for (int round = 0; round < 5; round++) {
            RawSocket socket = open();
            socket.frame(0xC1, new byte[0]);
            var noise = new byte[256 << 10];
            try {
                socket.send(noise).send(noise);
            } catch (SocketException e) {
                throw new AssertionError("the close frame was destroyed by a reset", e);
            }
            assertClosed(1002, socket);
        }
    }

    @Test
    void readsNothingBehindAGoodbye() throws IOException {
        RawSocket socket = open();
        byte[] ping = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
        byte[] bye = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x03, (byte) 0xE8};
        byte[] wrong = {(byte) 0xF1, (byte) 0x80, 0, 0, 0, 0};
        socket.send(ByteBuffer.allocate(20).put(bye).put(ping).put(wrong).array());
        Received close = socket.read();
        assertEquals("8 1000", close.opcode() + " " + close.closeCode());
        assertTrue(socket.ends());
        socket.close();
    }

    // ---- limits before hello ----

    @Test
    void takesNoMoreThan64KibBeforeHello() throws IOException {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        byte[] large = new byte[(64 << 10) + 1];
        Arrays.fill(large, (byte) ' ');
        assertClosed(1009, socket.frame(0x81, large));
    }

    @Test
    void takesExactly64KibBeforeHello() throws IOException {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        byte[] large = new byte[64 << 10];
        Arrays.fill(large, (byte) ' ');
        assertClosed(1000, socket.frame(0x81, large));
    }

    @Test
    void closesWhoeverNeverSaysHello() throws IOException {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        Received close = socket.frame(0x89, new byte[0]).readClose();
        assertEquals(1000, close.closeCode());
        assertEquals("", close.closeReason());
        assertTrue(socket.ends());
        socket.close();
    }

    @Test
    void cutsOffAHeaderThatNeverEnds() throws IOException {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            assertTrue(socket.send("GET / HTTP/1.1\r\nHost: x\r\n").ends());
        }
    }

    @Test
    void refusesAHeaderThatIsTooLarge() throws IOException {
        String head = answerTo(handshake("Host: 127.0.0.1", "Host: 127.0.0.1\nX-Large: " + "x".repeat(17_000)));
        assertTrue(head.isEmpty() || head.startsWith("HTTP/1.1 4"), head);
    }

    @Test
    void givesUpTheLargestUnfinishedMessageWhenThereIsNoRoom() throws IOException {
        byte[] most = new byte[FRAME - 100];
        Arrays.fill(most, (byte) ' ');
        RawSocket[] sockets = new RawSocket[10];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = open().frame(0x01, most);
        }
        List<RawSocket> left = new ArrayList<>(List.of(sockets));
        for (int round = 0; round < 2; round++) { // only when all are read is it known who had to go
            for (RawSocket socket : List.copyOf(left)) {
                if (isClosed(socket)) {
                    left.remove(socket);
                    socket.close();
                }
            }
        }
        int closed = sockets.length - left.size();
        assertTrue(closed >= 2 && closed < sockets.length, closed + " were closed");
        for (RawSocket socket : left) {
            socket.close();
        }
    }

    private static boolean isClosed(RawSocket socket) throws IOException {
        socket.frame(0x89, new byte[]{7});
        Received answer = socket.read();
        while (answer.opcode() != 8 && answer.opcode() != 10) {
            answer = socket.read();
        }
        return answer.opcode() == 8;
    }

    @Test
    void takesNoMoreRoomForSocketsThatAreGone() throws IOException {
        byte[] most = new byte[FRAME - 100];
        Arrays.fill(most, (byte) ' ');
        for (int i = 0; i < 20; i++) {
            try (RawSocket socket = open()) {
                socket.frame(0x01, most).frame(0x89, new byte[]{7});
                assertEquals(10, socket.read().opcode(), "socket " + i + " had no room");
            }
        }
    }
}
