package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.lifecycle.Backoff;
import dev.chela.runtime.testing.LineChannel;
import dev.chela.runtime.testing.Messenger;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/// Messages of channels when the disk, the clock or the account fails them.
class DeliveryTroubleTest {

    private static final String ANN = "agent:main:line:dm:ann";

    @TempDir
    Path folder;
    private final Messenger messenger = new Messenger();
    /// How wrong the clock is.
    private final AtomicLong wrongBy = new AtomicLong();
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        LineChannel.writeTo(folder.resolve("state/plugins"));
        TestGateway.write(folder.resolve("state/chela.yaml"), "channels: {line: {port: " + messenger.port()
                + ", dmPolicy: open}}\nsession: {dmScope: per-channel-peer}\n");
        gateway = TestGateway.start(folder);
        client = gateway.admin();
        messenger.login();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
        messenger.close();
    }

    /// Starts again, with what the test has added.
    private void restart(Duration giveUpAfter) throws Exception {
        client.close();
        gateway.close();
        var pace = new Options.Pace(Channels.Pace.standard(),
                new Deliveries.Pace(new Backoff(Duration.ofMillis(20), Duration.ofMillis(50)), giveUpAfter,
                        Duration.ofMillis(400)));
        gateway = TestGateway.start(folder, options -> options.withPace(pace)
                .withClock(() -> Instant.now().plusMillis(wrongBy.get())));
        client = gateway.admin();
        messenger.login();
    }

    private void write(String id, String text) throws Exception {
        Json said = messenger.message("default", Map.of("id", id, "from", "Ann", "chat", "c1", "text", text));
        assertEquals("ACCEPTED", said.text("outcome").orElse(""), said.toString());
    }

    private Json list(String state) throws Exception {
        return client.call("delivery.list", Map.of("state", state));
    }

    private void awaitCount(String state, int count) throws Exception {
        while (list(state).items("deliveries").size() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void sendsAnAnswerOnceTheDiskTakesIt() throws Exception {
        Path gate = folder.resolve("gate");
        write("1", "!await=" + gate + " precious");
        try (Connection store = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state/chela.db"));
                Statement sql = store.createStatement()) {
            sql.execute("PRAGMA busy_timeout = 5000");
            sql.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
            TestGateway.write(gate, "");
            client.await("chat", event -> event.text("state").equals("final"));
            sql.execute("DROP TRIGGER full");
        }
        assertEquals("precious", messenger.next().text("text").orElse("").strip());
    }

    @Test
    void isHeldUpByNoWaitThatAWrongClockHasSet() throws Exception {
        restart(Duration.ofDays(1));
        wrongBy.addAndGet(Duration.ofDays(3650).toMillis());
        messenger.answering(message -> Messenger.refusal("later", "busy"));
        write("1", "first");
        client.await("delivery.retrying");
        wrongBy.addAndGet(Duration.ofDays(-3650).toMillis());
        messenger.answering(Messenger::sent);
        client.await("delivery.sent");
    }

    @Test
    void givesUpWhatNoAccountSends() throws Exception {
        restart(Duration.ofMinutes(10));
        client.call("channels.stop", Map.of("channel", "line"));
        var _ = client.client().begin("send",
                Json.of(Map.of("channel", "line", "to", "c9", "message", "x", "idempotencyKey", "k")));
        awaitCount("waiting", 1);
        wrongBy.addAndGet(Duration.ofMinutes(11).toMillis());
        client.call("agent",
                Map.of("message", "y", "deliver", true, "channel", "line", "to", "c9", "idempotencyKey", "r"));
        awaitCount("failed", 1);
        Json failed = list("failed").items("deliveries").getFirst();
        assertEquals("its account does not run", failed.text("error").orElse(""));
    }

    @Test
    void triesWhatNobodyHasTriedHoweverOldItIs() throws Exception {
        restart(Duration.ofMinutes(10));
        client.call("channels.stop", Map.of("channel", "line"));
        client.call("agent", Map.of("message", "weekend", "deliver", true, "channel", "line", "to", "c9",
                "idempotencyKey", "r"));
        awaitCount("waiting", 1);
        wrongBy.addAndGet(Duration.ofDays(2).toMillis());
        restart(Duration.ofMinutes(10));
        assertEquals("weekend", messenger.next().text("text").orElse(""));
    }

    @Test
    void sendsNothingInAnAttemptWhoseTimeIsUp() throws Exception {
        Path gate = folder.resolve("gate");
        PluginJar.registering("slowly", """
                r.hook(Hook.gate(MessageSending.class, m -> {
                    while (!Files.exists(Path.of("GATE"))) {
                        try { Thread.sleep(5); } catch (InterruptedException e) { }
                    }
                    return Optional.empty();
                }));
                """.replace("GATE", gate.toString())).writeTo(folder.resolve("state/plugins"), "slowly.jar");
        restart(Duration.ofDays(1));
        write("1", "hello");
        client.await("delivery.retrying");
        TestGateway.write(gate, "");
        client.await("delivery.sent");
        assertEquals(1, messenger.book().size(), messenger.book().toString());
        assertFalse(messenger.book().getFirst().flag("repeated").orElse(true), "no service had it");
    }

    @Test
    void sendsNothingAgainThatWasForgottenWhileItWasSent() throws Exception {
        restart(Duration.ofDays(1));
        messenger.answering(message -> null);
        write("1", "very private");
        messenger.next();
        client.call("sessions.delete", Map.of("key", ANN));
        messenger.answering(Messenger::sent);
        awaitCount("dropped", 1);
        assertEquals(0, client.call("delivery.list").whole("waiting").orElse(-1L));
        assertEquals(1, messenger.book().size());
    }

    @Test
    void givesUpAnAnswerAsAWholeAndRevivesItInOrder() throws Exception {
        restart(Duration.ofDays(1));
        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        write("1", "one ".repeat(124) + "\n\n" + "two ".repeat(124));
        awaitCount("failed", 2);
        assertEquals(1, messenger.book().size());
        messenger.answering(Messenger::sent);
        client.call("delivery.retry", Map.of("id", list("failed").items("deliveries").getLast().text("id").orElse("")));
        awaitCount("sent", 2);
        assertEquals(List.of("one", "one", "two"), messenger.book().stream()
                .map(message -> message.text("text").orElse("").substring(0, 3)).toList());
    }

    @Test
    void takesARepeatedRequestForTheSameWhereverPeopleHaveGone() throws Exception {
        write("1", "hello");
        messenger.next();
        Map<String, Object> ask = Map.of("sessionKey", ANN, "message", "to all", "deliver", true, "idempotencyKey",
                "k");
        client.call("chat.send", ask);
        messenger.next();
        messenger.message("default", Map.of("id", "2", "from", "Ann", "chat", "c2", "text", "elsewhere"));
        messenger.next();
        assertEquals("ok", client.call("chat.send", ask).text("status").orElse(""));
    }

    @Test
    void keepsWhatWasGivenUpForThirtyDays() throws Exception {
        restart(Duration.ofDays(1));
        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        write("1", "lost");
        awaitCount("failed", 1);
        wrongBy.addAndGet(Duration.ofDays(29).toMillis());
        restart(Duration.ofDays(1));
        assertEquals(1, client.call("delivery.list").whole("failed").orElse(-1L));
        wrongBy.addAndGet(Duration.ofDays(2).toMillis());
        restart(Duration.ofDays(1));
        assertEquals(0, client.call("delivery.list").whole("failed").orElse(-1L));
    }
}
