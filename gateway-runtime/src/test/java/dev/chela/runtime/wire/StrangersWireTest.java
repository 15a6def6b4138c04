package dev.chela.runtime.wire;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What those cost who come, misbehave and go: little, and nothing afterwards.
class StrangersWireTest {

    private static final int FRAME = 1 << 20;
    private static final String HISTORY = "\",\"method\":\"chat.history\",\"params\":{\"sessionKey\":\"big\"}}";
    private static final byte[] UNFINISHED = " ".repeat(700_000).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;
    TestGateway gateway;

    @BeforeEach
    void start() {
        Limits standard = Limits.standard();
        var limits = new Limits(standard.frameBeforeAuth(), FRAME, 1 << 20, 4 << 20, 4 << 20, standard.handshake(),
                Duration.ofHours(1), standard.ping());
        gateway = TestGateway.start(folder, options -> options.withLimits(limits));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void untilConnectionsAre(int count) {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        while (gateway.gateway().connections() != count && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(count, gateway.gateway().connections());
    }

    @Test
    void waitsForNoBodyOfARequestThatIsAnswered() throws Exception {
        try (RawSocket socket = RawSocket.to(gateway.port())) {
            socket.send("POST /nope HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nabc");
            assertTrue(socket.readHead().startsWith("HTTP/1.1 404 "));
            socket.readRest();
        }
    }

    @Test
    void letsAnAddressHaveOnlySoManySocketsThatHaveNotSaidHello() throws Exception {
        List<RawSocket> strangers = new ArrayList<>();
        try (RawSocket known = RawSocket.webSocketTo(gateway.port());
                RawSocket refused = RawSocket.to(gateway.port())) {
            known.connect();
            for (int i = 0; i < Limits.STRANGERS; i++) {
                strangers.add(RawSocket.webSocketTo(gateway.port()));
            }
            untilConnectionsAre(Limits.STRANGERS + 1);
            String head = refused.send(RawSocket.HANDSHAKE).readHead();
            assertTrue(head.startsWith("HTTP/1.1 503 ") && head.contains("Connection: close"), head);
            assertTrue(refused.readRest().startsWith("Too many unauthenticated sockets"));

            strangers.getFirst().connect();
            strangers.add(RawSocket.webSocketTo(gateway.port()));
            strangers.getLast().abandon(false);
            untilConnectionsAre(Limits.STRANGERS + 1);
            strangers.add(RawSocket.webSocketTo(gateway.port()));
            known.text("{\"type\":\"req\",\"id\":\"k\",\"method\":\"health\"}");
            assertTrue(known.readUntil("\"id\":\"k\"").contains("\"ok\":true"));
        } finally {
            for (RawSocket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void answersRequestsThatOfferAnotherUpgradeAsTheyAre() throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            var health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/health"))
                    .timeout(TestGateway.PATIENCE).build();
            assertEquals(200, client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
    }

    /// Ways for a client to go; each leaves something unfinished.
    private static void misbehave(RawSocket socket, int way) throws IOException {
        switch (way % 7) {
            case 0 -> socket.send((byte) 0x81, (byte) 0xFE, (byte) 1); // half a header
            case 1 -> socket.text("{\"type\":\"req\",\"id\":\"1\",\"method\":\"connect\"");
            case 2 -> socket.connectSoon();
            case 3 -> socket.connectSoon().text("{\"type\":\"req\",\"id\":\"2\",\"method\":\"health\"}");
            case 4 -> {
                socket.connect();
                socket.frame(0x01, UNFINISHED);
            }
            case 5 -> {
                socket.connect();
                for (int i = 0; i < 20; i++) {
                    socket.text("{\"type\":\"req\",\"id\":\"h" + HISTORY);
                }
            }
            default -> {
                socket.connect();
                socket.text("{\"type\":\"req\",\"id\":\"a\",\"method\":\"sessions.subscribe\"}").frame(0x88,
                        new byte[0]);
            }
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("chela-work-")).count();
    }

    @Test
    void keepsNothingOfAHundredClientsThatCameAndWent() throws Exception {
        try (Client client = gateway.admin()) {
            client.call("chat.send",
                    Map.of("sessionKey", "big", "message", "y".repeat(150_000), "idempotencyKey", "k"));
            client.await("chat", event -> event.text("state").equals("final"));
            long threads = 0;
            for (int i = 0; i < 105; i++) {
                RawSocket socket = RawSocket.webSocketTo(gateway.port());
                misbehave(socket, i);
                socket.abandon(i % 2 == 0);
                if (i == 20) {
                    threads = threads();
                }
            }
            untilConnectionsAre(1);
            assertTrue(threads() <= threads + 2, threads + " threads became " + threads());
            assertTrue(client.call("health").flag("ok").orElse(false));
        }
        untilConnectionsAre(0);
        takesMessagesAndAnswersUpToTheBudgets();
    }

    /// If a twentieth of what those clients held still counted, these would be cut off.
    private void takesMessagesAndAnswersUpToTheBudgets() throws IOException {
        List<RawSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RawSocket socket = RawSocket.webSocketTo(gateway.port());
            sockets.add(socket);
            socket.connect();
            socket.frame(0x01, UNFINISHED).frame(0x89, new byte[]{7});
            assertEquals(10, socket.read().opcode());
        }
        for (RawSocket socket : sockets) {
            socket.close();
        }
        try (RawSocket socket = RawSocket.webSocketTo(gateway.port())) {
            socket.connect();
            for (int i = 0; i < 8; i++) {
                socket.text("{\"type\":\"req\",\"id\":\"h" + i + HISTORY);
            }
            for (int i = 0; i < 8; i++) {
                assertTrue(socket.readUntil("\"id\":\"h" + i + "\"").length() > 100_000);
            }
        }
    }
}
