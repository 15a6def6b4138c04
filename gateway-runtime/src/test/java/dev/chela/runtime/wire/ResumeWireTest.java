package dev.chela.runtime.wire;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.client.Identity;
import dev.chela.runtime.client.Place;
import dev.chela.runtime.event.Handles;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.SettableClock;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.chela.runtime.testing.TestGateway.TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Clients that lose their socket and get what they missed. With `-Dchela.scale=N` they lose it N times as often, with
/// `-Dchela.seed=N` at other moments; what came of it is written to `target/long-checks`.
class ResumeWireTest {

    private static final int SCALE = Integer.getInteger("chela.scale", 1);
    private static final long SEED = Long.getLong("chela.seed", 1);
    private static final int CUTS = 200;
    private static final int WATCHERS = 4;
    private static final int BATCH = 20;
    private static final Identity READER = Identity.cli(TOKEN, null).readingOnFrom(Place.START);

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final Handles handles = new Handles(Handles.Room.standard());

    @TempDir
    Path folder;

    private TestGateway start() {
        return TestGateway.start(folder, options -> options.withHandles(handles).withClock(clock));
    }

    private static void tell(Client client, String phase) throws Exception {
        client.call("talk.mode", Map.of("enabled", true, "phase", phase));
    }

    private static boolean says(TestGateway.Event event, String phase) {
        return event.text("phase").equals(phase);
    }

    private static Identity from(Client before) {
        return READER.readingOnFrom(before.client().place().orElseThrow());
    }

    private static void assertReason(String reason, Client client) {
        assertEquals(new GatewayClient.Recovery(false, reason), client.client().recovery());
    }

    @Test
    void bringsWhatWasMissedAndKeepsSubscriptions() throws Exception {
        try (TestGateway gateway = start(); Client other = gateway.admin()) {
            Client lost = gateway.connect(READER);
            lost.call("sessions.subscribe");
            tell(other, "before");
            lost.await("talk.mode", event -> says(event, "before"));
            lost.client().cut();
            tell(other, "missed");
            other.call("chat.send", Map.of("sessionKey", "main", "message", "hi", "idempotencyKey", "r1"));
            other.call("agent.wait", Map.of("runId", "r1"));
            try (Client back = gateway.connect(from(lost))) {
                assertEquals(new GatewayClient.Recovery(true, ""), back.client().recovery());
                back.await("talk.mode", event -> says(event, "missed"));
                back.await("sessions.changed");
                tell(other, "after");
                back.await("talk.mode", event -> says(event, "after"));
            }
        }
    }

    @Test
    void goesOnAfterARestartInTheSameProcessAndNotInAnother() throws Exception {
        Client lost;
        try (TestGateway gateway = start()) {
            lost = gateway.connect(READER);
        }
        try (TestGateway next = start(); Client back = next.connect(from(lost))) {
            assertTrue(back.client().recovery().recovered());
            tell(back, "again");
            back.await("talk.mode");
            lost = back;
        }
        try (TestGateway stranger = TestGateway.start(folder); Client back = stranger.connect(from(lost))) {
            assertReason("unknown-epoch", back);
        }
    }

    @Test
    void isOfNoUseToOthersOrTooLateOrOutOfPlace() throws Exception {
        byte[] seed = "a device key for tests, 32 bytes".getBytes(StandardCharsets.UTF_8);
        try (TestGateway gateway = start(); Client other = gateway.admin()) {
            Client lost = gateway.connect(READER);
            tell(other, "secret");
            lost.client().cut();
            try (Client thief = gateway.connect(from(lost).withDevice(seed))) {
                assertReason("other-caller", thief);
            }
            Place start = new Place(lost.client().place().orElseThrow().handle(), 0);
            try (Client poorer = gateway.connect(READER.readingOnFrom(start).asking(List.of("operator.read")))) {
                assertReason("scopes-changed", poorer);
                assertTrue(poorer.events().stream().noneMatch(event -> says(event, "secret")));
            }
            Client second = gateway.connect(READER);
            Place beyond = new Place(second.client().place().orElseThrow().handle(), 1000);
            try (Client ahead = gateway.connect(READER.readingOnFrom(beyond))) {
                assertReason("unknown-offset", ahead);
            }
            second.client().cut();
        }
    }

    @Test
    void isOfNoUseAMinuteAfterTheSocketWasLost() throws Exception {
        try (TestGateway gateway = start()) {
            Client lost = gateway.connect(READER);
            lost.client().cut();
            assertTimeoutPreemptively(TestGateway.PATIENCE, () -> {
                while (gateway.gateway().connections() > 0) {
                    Thread.onSpinWait();
                }
            });
            clock.pass(Duration.ofSeconds(61));
            try (Client late = gateway.connect(from(lost))) {
                assertReason("expired", late);
            }
        }
    }

    @Test
    void closesTheOlderOfTwoConnections() throws Exception {
        try (TestGateway gateway = start();
                Client older = gateway.connect(READER);
                Client newer = gateway.connect(from(older))) {
            assertTrue(newer.client().recovery().recovered());
            assertEquals(new GatewayClient.Closed(1008, "resumed by another connection"),
                    older.client().awaitClose(TestGateway.PATIENCE));
            tell(newer, "alone");
            newer.await("talk.mode");
        }
    }

    @Test
    void saysWhatIsWrongWithAPlace() throws Exception {
        try (TestGateway gateway = start()) {
            assertRefused(gateway, "[]", "{\"handle\":\"h\",\"offset\":0}", "resume needs 'event-resume-v1' in caps");
            String caps = "[\"event-resume-v1\"]";
            assertRefused(gateway, caps, "{\"handle\":\"h\",\"offset\":-1}", "/resume/offset");
            assertRefused(gateway, caps, "{\"handle\":\"" + "h".repeat(129) + "\",\"offset\":0}", "/resume/handle");
            assertRefused(gateway, caps, "{\"offset\":0}", "must have required property 'handle'");
        }
    }

    private static RawSocket enter(TestGateway gateway, int protocol, String more) throws Exception {
        RawSocket socket = RawSocket.webSocketTo(gateway.port());
        socket.read();
        return socket.text("""
                {"type":"req","id":"c","method":"connect","params":{"minProtocol":%d,"maxProtocol":%d,
                "client":{"id":"cli","version":"1","platform":"test","mode":"cli"},"role":"operator",
                "scopes":["operator.admin"],"auth":{"token":"%s"}%s}}""".formatted(protocol, protocol, TOKEN, more));
    }

    private static void assertRefused(TestGateway gateway, String caps, String resume, String why) throws Exception {
        try (RawSocket socket = enter(gateway, 4, ",\"caps\":" + caps + ",\"resume\":" + resume)) {
            String answer = socket.readUntil("\"id\":\"c\"");
            assertTrue(answer.contains("invalid connect params: ") && answer.contains(why), answer);
        }
    }

    @Test
    void changesNoByteForThoseWhoDoNotAsk() throws Exception {
        try (TestGateway gateway = start(); Client other = gateway.admin()) {
            for (int protocol : List.of(3, 4)) {
                try (RawSocket plain = enter(gateway, protocol, "");
                        RawSocket asking = enter(gateway, protocol, ",\"caps\":[\"event-resume-v1\"]")) {
                    String hello = plain.readUntil("\"id\":\"c\"");
                    String longer = asking.readUntil("\"id\":\"c\"");
                    assertEquals(protocol == 4, hello.contains("event-resume-v1"), hello);
                    assertTrue(longer.contains("event-resume-v1"), longer);
                    assertEquals(hello.replaceAll("\"connId\":\"[^\"]*\"", ""), longer
                            .replaceAll("\"connId\":\"[^\"]*\"", "").replaceAll(",\"resume\":\\{[^}]*}", "")
                            .replaceAll(protocol == 3 ? ",\"capabilities\":\\[[^]]*]" : "$^", ""));
                    tell(other, "p" + protocol);
                    String event = plain.readUntil("talk.mode");
                    assertTrue(event.matches(".*},\"seq\":\\d+}"), event);
                    assertEquals(event.replaceAll("\"seq\":\\d+", ""), asking.readUntil("talk.mode")
                            .replaceAll("\"seq\":\\d+", "").replaceAll(",\"offset\":\\d+", ""));
                }
            }
        }
    }

    // ---- many cuts ----

    @Test
    void losesAndDoublesNoEventHoweverOftenSocketsAreCut() throws Exception {
        try (TestGateway gateway = start(); var threads = Executors.newCachedThreadPool()) {
            List<Watcher> watchers = new ArrayList<>();
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < WATCHERS; i++) {
                var watcher = new Watcher(gateway, new Random(SEED * WATCHERS + i), CUTS * SCALE / WATCHERS);
                watchers.add(watcher);
                readers.add(threads.submit(watcher::run));
            }
            int told = 0;
            try (Client teller = gateway.admin()) {
                while (!readers.stream().allMatch(Future::isDone)) {
                    told = tellSome(teller, told);
                }
                tell(teller, "end");
            }
            for (int i = 0; i < WATCHERS; i++) {
                readers.get(i).get(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                watchers.get(i).checkUpTo(told);
            }
            TestGateway.write(Path.of("target/long-checks/resume.txt"), "lost sockets: " + CUTS * SCALE + " cuts, seed "
                    + SEED + ", " + told + " events each, none lost, none doubled\n");
        }
    }

    /// A batch of numbered events and a chat run, which are on their way together.
    private static int tellSome(Client teller, int before) throws Exception {
        List<GatewayClient.Pending> calls = new ArrayList<>();
        for (int i = 1; i <= BATCH; i++) {
            calls.add(teller.client().begin("talk.mode",
                    Json.of(Map.of("enabled", true, "phase", Integer.toString(before + i)))));
        }
        calls.add(teller.client().begin("chat.send", Json.of(
                Map.of("sessionKey", "main", "message", "a b c", "idempotencyKey", "run" + (before + BATCH)))));
        for (GatewayClient.Pending call : calls) {
            call.get(TestGateway.PATIENCE);
        }
        return before + BATCH;
    }

    /// A client that reads on after every cut; its own counting of offsets finds holes of any event.
    private static final class Watcher {

        private final TestGateway gateway;
        private final Random random;
        private final int cuts;
        private final BlockingQueue<String> phases = new LinkedBlockingQueue<>();
        private final List<String> got = new ArrayList<>();
        private GatewayClient client;

        Watcher(TestGateway gateway, Random random, int cuts) throws ClientException, InterruptedException {
            this.gateway = gateway;
            this.random = random;
            this.cuts = cuts;
            this.client = connect(Place.START);
        }

        private GatewayClient connect(Place place) throws ClientException, InterruptedException {
            return GatewayClient.connect(gateway.uri(), READER.readingOnFrom(place), TestGateway.PATIENCE,
                    (name, payload) -> {
                        if (name.equals("talk.mode")) {
                            phases.add(payload.text("phase").orElse(""));
                        }
                    });
        }

        private Void run() throws Exception {
            for (int i = 0; i < cuts; i++) {
                int more = random.nextInt(3 * BATCH);
                for (int k = 0; k < more; k++) {
                    got.add(next());
                }
                client.cut();
                client = connect(client.place().orElseThrow());
                assertEquals(new GatewayClient.Recovery(true, ""), client.recovery());
            }
            return null;
        }

        private String next() throws InterruptedException {
            String phase = phases.poll(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (phase == null) {
                throw new AssertionError("nothing came after " + got.size() + " events");
            }
            return phase;
        }

        void checkUpTo(int told) throws Exception {
            for (String phase = next(); !phase.equals("end"); phase = next()) {
                got.add(phase);
            }
            client.close();
            assertEquals(told, got.size());
            for (int i = 0; i < told; i++) {
                assertEquals(Integer.toString(i + 1), got.get(i));
            }
        }
    }
}
