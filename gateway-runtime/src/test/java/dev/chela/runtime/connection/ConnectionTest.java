package dev.chela.runtime.connection;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.runtime.auth.Authenticator;
import dev.chela.runtime.auth.Ingress;
import dev.chela.runtime.auth.OriginPolicy;
import dev.chela.runtime.auth.SharedSecret;
import dev.chela.runtime.dispatch.Dispatcher;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.Handle;
import dev.chela.runtime.event.Handles;
import dev.chela.runtime.event.News;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.pairing.Pairing;
import dev.chela.runtime.protocol.Hello;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.testing.SettableClock;
import dev.chela.runtime.websocket.CloseCode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// A connection between moments that sockets cannot be made to meet.
class ConnectionTest {

    private static final String TOKEN = "a token of this test";
    private static final News.Topic TOPIC = new News.Topic("sessions", "");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final CoreThreads threads = new CoreThreads();
    private final Broadcaster broadcaster = new Broadcaster();
    private final Handles handles = new Handles(Handles.Room.standard());
    private final Presence presence = new Presence(clock, new Presence.Entry("here", null, null, null, null, null,
            "gateway", null, "self", null, 0, null, null, null, null, null));
    private final CountDownLatch deciding = new CountDownLatch(1);
    private final CountDownLatch decide = new CountDownLatch(1);
    private final Handshake handshake = new Handshake(
            new Authenticator(() -> new SharedSecret(SharedSecret.Mode.TOKEN, TOKEN)), this::origins, new Pairing(),
            clock);
    private final Connections connections = new Connections(new Connections.Parts(threads, clock, Limits.standard(),
            handshake, new Dispatcher(threads, clock, 1 << 20), broadcaster, presence, handles, this::hello,
            _ -> JsonText.EMPTY));
    private final Pipe wire = new Pipe();
    private final Connection connection = connections.accept(
            new Ingress(InetAddress.getLoopbackAddress(), "127.0.0.1", null, false), wire, wire.outbox);

    @AfterEach
    void stop() {
        threads.close();
    }

    /// The handshake stands still here until the test lets it go on.
    private OriginPolicy origins() {
        deciding.countDown();
        try {
            assertTrue(decide.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new OriginPolicy(List.of());
    }

    private Hello.Parts hello(boolean deviceProven) {
        JsonText list = JsonText.of("[]");
        return new Hello.Parts(new Hello.Features("1", "boot", list, list, list),
                new Hello.Snapshot(list, JsonText.EMPTY, JsonText.EMPTY, JsonText.EMPTY, "", 0), Limits.standard(),
                deviceProven, null);
    }

    /// A socket that takes as much as the test says.
    private static final class Pipe implements Wire {

        final Outbox outbox = new Outbox(2 << 20, new OutboxBudget(64 << 20));
        private final StringBuilder sent = new StringBuilder();
        volatile int room = Integer.MAX_VALUE;
        volatile boolean finished;
        volatile boolean paused;

        synchronized String sent() {
            return sent.toString();
        }

        @Override
        public synchronized void flush() {
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (room > 0) {
                outbox.fill(buffer.clear().limit(Math.min(8192, room)));
                if (buffer.flip().remaining() == 0) {
                    return;
                }
                sent.append(StandardCharsets.ISO_8859_1.decode(buffer.duplicate()));
                outbox.written(buffer.remaining());
                room -= buffer.remaining();
            }
        }

        @Override
        public void flushSoon() {
            flush();
        }

        @Override
        public void readIf(BooleanSupplier wanted) {
            paused = !wanted.getAsBoolean();
        }

        @Override
        public void keep(long bytes) {}

        @Override
        public void limit(long bytes) {}

        @Override
        public void finish() {
            flush();
            finished = true;
        }
    }

    private void receive(String text) {
        connection.received(text.getBytes(StandardCharsets.UTF_8));
    }

    private void connect() {
        receive("""
                {"type":"req","id":"c","method":"connect","params":{"minProtocol":4,"maxProtocol":4,
                "client":{"id":"test","version":"1","platform":"t","mode":"ui"},"auth":{"token":"%s"}}}"""
                .formatted(TOKEN));
    }

    private void until(BooleanSupplier condition) throws InterruptedException {
        var done = new FutureTask<>(() -> {
            while (!condition.getAsBoolean()) {
                Thread.onSpinWait();
            }
            return true;
        });
        threads.workers().execute(done);
        try {
            assertTrue(done.get(20, TimeUnit.SECONDS));
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(wire.sent(), e);
        }
    }

    private void open() throws InterruptedException {
        decide.countDown();
        connect();
        until(() -> wire.sent().indexOf("hello-ok") >= 0);
    }

    @Test
    void leavesNothingBehindIfTheSocketGoesDuringTheHandshake() throws Exception {
        connect();
        assertTrue(deciding.await(20, TimeUnit.SECONDS));
        connection.subscriber().subscribe(TOPIC);
        connection.gone();
        decide.countDown();
        until(() -> presence.list().toString().contains("\"disconnect\""));
        assertFalse(broadcaster.isFollowed(TOPIC), "it still gets news");
        assertEquals(0, connections.count());
    }

    @Test
    void tellsThoseWhoKeepSomethingForItWhenItIsGone() {
        List<String> told = new ArrayList<>();
        connection.whenGone(() -> told.add("first"));
        connection.whenGone(() -> told.add("never")).run();
        connection.gone();
        connection.whenGone(() -> told.add("late"));
        connection.gone();
        assertEquals(List.of("first", "late"), told);
    }

    @Test
    void takesFifteenFramesBehindConnectAndNoMore() throws Exception {
        connect();
        assertTrue(deciding.await(20, TimeUnit.SECONDS));
        for (int i = 0; i < Limits.PIPELINED_HANDSHAKE; i++) {
            receive("{\"type\":\"req\",\"id\":\"p" + i + "\",\"method\":\"nope\"}");
        }
        assertFalse(wire.finished);
        receive("{}");
        assertTrue(wire.finished && wire.sent().indexOf("too many pending handshake frames") > 0, wire.sent());
        decide.countDown();
        until(() -> presence.list().toString().contains("\"connect\""));
    }

    @Test
    void keepsNothingOfWhatComesAfterItsGoodbye() throws Exception {
        open();
        connection.close(1008, "enough");
        for (int i = 0; i < 2000; i++) {
            receive("{\"type\":\"req\",\"id\":\"late" + i + "\",\"method\":\"nope\"}");
        }
        assertFalse(wire.paused, "it kept what nobody will read");
    }

    @Test
    void waitsForThePongOfAPingThatStillLeavesBehindSomethingLarge() throws Exception {
        open();
        Duration patience = Limits.standard().ping();
        wire.room = 0;
        connection.respond(new byte[1 << 20]);
        clock.pass(patience);
        connection.keepAlive(clock.millis());
        for (int i = 0; i < 6; i++) {
            wire.room = 100_000;
            wire.flush();
            clock.pass(patience.plusSeconds(1));
            connection.keepAlive(clock.millis());
            assertFalse(wire.finished, "cut while it was reading");
        }
        wire.room = Integer.MAX_VALUE;
        wire.flush();
        connection.keepAlive(clock.millis());
        clock.pass(patience.plusSeconds(1));
        connection.keepAlive(clock.millis());
        assertTrue(wire.finished && wire.sent().indexOf("no pong") > 0);
    }

    @Test
    void cutsAPeerThatTakesNothing() throws Exception {
        open();
        wire.room = 0;
        connection.respond(new byte[1 << 20]);
        clock.pass(Limits.standard().ping());
        connection.keepAlive(clock.millis());
        clock.pass(Limits.standard().ping().plusSeconds(1));
        connection.keepAlive(clock.millis());
        clock.pass(Limits.standard().ping().plusSeconds(1));
        connection.keepAlive(clock.millis());
        assertTrue(wire.finished);
    }

    @Test
    void countsOnlyThePongItAskedFor() throws Exception {
        open();
        String before = presence.list().toString();
        clock.pass(Duration.ofSeconds(5));
        connection.ponged();
        clock.pass(Duration.ofSeconds(5));
        assertEquals(before.replaceFirst("\"ts\":\\d+", ""),
                presence.list().toString().replaceFirst("\"ts\":\\d+", ""));
    }

    private void openResumable() throws InterruptedException {
        decide.countDown();
        receive("""
                {"type":"req","id":"c","method":"connect","params":{"minProtocol":4,"maxProtocol":4,
                "client":{"id":"test","version":"1","platform":"t","mode":"ui"},"auth":{"token":"%s"},
                "caps":["event-resume-v1"]}}""".formatted(TOKEN));
        until(() -> wire.sent().indexOf("\"resume\":{\"handle\":") >= 0 && connection.subscriber() instanceof Handle);
    }

    @Test
    void takesTheHandleFromAClientWhoseAuthorityIsWithdrawn() throws Exception {
        openResumable();
        assertEquals(1, handles.count());
        connection.close(CloseCode.AUTHORITY_WITHDRAWN, "device removed");
        assertEquals(0, handles.count());
    }

    @Test
    void keepsTheHandleOfASlowConsumer() throws Exception {
        openResumable();
        wire.room = 0;
        var type = EventType.of("must", JsonText.class, Audience.everyone());
        var payload = JsonText.of("\"" + "x".repeat(700_000) + "\"");
        for (int i = 0; i < 3; i++) {
            broadcaster.publish(type, payload);
        }
        assertTrue(wire.finished);
        connection.gone();
        assertEquals(1, handles.count());
        broadcaster.publish(type, JsonText.of("1"));
        assertTrue(handles.held() > 700_000 && handles.held() < 800_000, () -> handles.held() + " bytes");
    }
}
