package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.delivery.Deliveries;
import dev.chela.runtime.lifecycle.Backoff;
import dev.chela.runtime.testing.LineChannel;
import dev.chela.runtime.testing.Messenger;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Channels: what people write comes in once, what is answered goes out in order, and nothing is lost on the way.
class ChannelsWireTest {

    /// Everything that waits for minutes waits for moments here.
    private static final Options.Pace FAST = new Options.Pace(
            new Channels.Pace(new Backoff(Duration.ofMillis(20), Duration.ofMillis(50)), 3, Duration.ofMinutes(5)),
            new Deliveries.Pace(new Backoff(Duration.ofMillis(20), Duration.ofMillis(50)), Duration.ofDays(1),
                    Duration.ofMillis(400)));

    @TempDir
    Path folder;
    private final Messenger messenger = new Messenger();
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void begin() throws Exception {
        gateway = TestGateway.start(folder);
        client = gateway.admin();
        LineChannel.writeTo(folder.resolve("state/plugins"));
    }

    @AfterEach
    void end() {
        stop();
        messenger.close();
    }

    private void stop() {
        client.close();
        gateway.close();
    }

    private void start(String config) throws Exception {
        stop();
        TestGateway.write(folder.resolve("state/chela.yaml"), config.replace("PORT", "" + messenger.port()));
        gateway = TestGateway.start(folder, options -> options.withPace(FAST));
        client = gateway.admin();
    }

    private void startOpen() throws Exception {
        start("channels: {line: {port: PORT, dmPolicy: open}}\nsession: {dmScope: per-channel-peer}");
        messenger.login();
    }

    private Json write(String id, String text) throws Exception {
        return messenger.message("default", Map.of("id", id, "from", "Ann", "chat", "c1", "text", text));
    }

    private static String outcome(Json ack) {
        return ack.text("outcome").or(() -> ack.text("error")).orElse(ack.toString());
    }

    private List<Json> history(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages");
    }

    private static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    private Json account(String id) throws Exception {
        return client.call("channels.status").at("channelAccounts").orElseThrow().items("line").stream()
                .filter(row -> row.text("accountId").orElse("").equals(id)).findFirst().orElseThrow();
    }

    private Event delivery(String kind) throws InterruptedException {
        return client.await("delivery." + kind);
    }

    // ---- in and out ----

    @Test
    void answersWhatSomebodyWritesWhereItWasWritten() throws Exception {
        startOpen();
        assertEquals("ACCEPTED", outcome(write("1", "hello there")));
        Json sent = messenger.next();
        assertEquals("hello there", sent.text("text").orElse(""));
        assertEquals("c1", sent.text("to").orElse(""));
        assertEquals(List.of("hello there", "hello there"),
                history("agent:main:line:dm:ann").stream().map(ChannelsWireTest::text).toList());
        assertEquals("agent:main:line:dm:ann", delivery("sent").text("sessionKey"));
        Json row = client.call("sessions.list").items("sessions").getFirst();
        assertEquals("line", row.text("lastChannel").orElse(""));
        assertEquals("c1", row.at("deliveryContext").orElseThrow().text("to").orElse(""));
    }

    @Test
    void dropsAMessageThatTheServiceRepeats() throws Exception {
        startOpen();
        write("1", "once");
        messenger.next();
        assertEquals("REPEATED", outcome(write("1", "once")));
        assertEquals("REPEATED", outcome(write("1", "once, but edited")));
        write("2", "twice");
        assertEquals("twice", messenger.next().text("text").orElse(""));
        assertEquals(4, history("agent:main:line:dm:ann").size());
    }

    @Test
    void sendsALongAnswerInPartsAndInOrder() throws Exception {
        startOpen();
        String one = "word ".repeat(80).strip();
        write("1", one + "\n\n" + one + "\n\n" + one);
        for (int i = 0; i < 3; i++) {
            assertEquals(one, messenger.next().text("text").orElse("").strip());
        }
    }

    @Test
    void tellsThePersonWhatWentWrong() throws Exception {
        startOpen();
        write("1", "!fail");
        assertEquals("the provider says no", messenger.next().text("text").orElse(""));
        write("2", "half a !fail");
        assertEquals("half a \n\n[the provider says no]", messenger.next().text("text").orElse(""));
    }

    @Test
    void obeysCommandsAndRefusesThoseOfAdministrators() throws Exception {
        startOpen();
        write("1", "!hang");
        assertEquals("ACCEPTED", outcome(write("2", "/stop")));
        assertEquals("Stopped.", messenger.next().text("text").orElse(""));
        assertEquals("REPEATED", outcome(write("2", "/stop")));
        write("3", "/new");
        assertEquals("A new session has begun.", messenger.next().text("text").orElse(""));
        write("4", "/compact");
        assertEquals("/compact needs the scope operator.admin", messenger.next().text("text").orElse(""));
        write("5", "words");
        assertEquals("words", messenger.next().text("text").orElse(""));
        assertTrue(messenger.isQuiet());
    }

    @Test
    void refusesWhatIsTooLongOrEmptyByName() throws Exception {
        startOpen();
        assertTrue(outcome(write("x".repeat(121), "words")).contains("the id of a message must have 1 to 120"));
        assertTrue(outcome(write("1", " ")).contains("message '1' has no text"));
        assertTrue(outcome(write("2", "x".repeat(1_000_001))).contains("1000001 characters, more than 1000000"));
        assertTrue(outcome(messenger.message("default", Map.of("id", "3", "text", "a", "title", "x".repeat(201))))
                .contains("the chat.title of a message must have at most 200"));
        assertEquals("ACCEPTED", outcome(write("4", "fine")));
    }

    @Test
    void takesNoMoreThanASessionCanHold() throws Exception {
        startOpen();
        write("0", "!hang");
        for (int i = 1; i <= 200; i++) {
            assertEquals("ACCEPTED", outcome(write("w" + i, "waits")));
        }
        assertEquals("200 messages wait in this session already", outcome(write("more", "waits")));
        assertEquals("REPEATED", outcome(write("w7", "waits")));
    }

    // ---- who and where ----

    @Test
    void listensOnlyToThoseWhoMayWrite() throws Exception {
        start("""
                channels: {line: {port: PORT, allowFrom: ['line:ANN', 7], groupPolicy: open}}
                """);
        messenger.login();
        assertEquals("ACCEPTED", outcome(write("1", "from ann")));
        assertEquals("ACCEPTED", outcome(messenger.message("default", Map.of("id", "2", "from", "7", "text", "x"))));
        assertEquals("IGNORED", outcome(messenger.message("default", Map.of("id", "3", "from", "eve", "text", "x"))));
        assertEquals("sender eve is not in allowFrom", account("default").text("lastIgnored").orElse(""));
        assertEquals("IGNORED", outcome(messenger.message("default",
                Map.of("id", "4", "from", "eve", "text", "x", "kind", "GROUP", "chat", "g"))));
        assertEquals("it does not address the account", account("default").text("lastIgnored").orElse(""));
        assertEquals("ACCEPTED", outcome(messenger.message("default", Map.of("id", "5", "from", "eve", "name", "Eve",
                "text", "hi", "kind", "GROUP", "chat", "G1", "mentioned", true, "title", "Friends"))));
        Json group = history("agent:main:line:group:g1").getFirst();
        assertEquals("Eve (eve): hi", text(group));
        Json row = client.call("sessions.describe", Map.of("key", "agent:main:line:group:g1")).at("session")
                .orElseThrow();
        assertEquals("group", row.text("kind").orElse(""));
        assertEquals("Friends", row.text("displayName").orElse(""));
    }

    @Test
    void listensToNobodyUnlessToldTo() throws Exception {
        start("channels: {line: {port: PORT}}");
        messenger.login();
        assertEquals("IGNORED", outcome(write("1", "hello")));
        start("channels: {line: {port: PORT, dmPolicy: disabled, allowFrom: ['*']}}");
        messenger.login();
        assertEquals("IGNORED", outcome(write("1", "hello")));
        assertEquals("direct messages are disabled", account("default").text("lastIgnored").orElse(""));
    }

    @Test
    void bringsMessagesToTheAgentAndSessionTheyAreBoundTo() throws Exception {
        start("""
                agents: {list: [{id: main}, {id: work}, {id: family}, {id: club}]}
                channels:
                  line: {port: PORT, dmPolicy: open, groupPolicy: open, requireMention: false, accounts: {a: {}, b: {}}}
                bindings:
                  - {agentId: work, match: {channel: line}}
                  - {agentId: main, match: {channel: line, accountId: b}}
                  - {agentId: club, match: {channel: line, guildId: guild}}
                  - {agentId: family, match: {channel: line, peer: {kind: direct, id: mum}}, session: home}
                session: {dmScope: per-account-channel-peer, identityLinks: {anna: ['line:ann', 'other:9']}}
                """);
        messenger.login();
        messenger.login();
        bring("a", Map.of("id", "1", "from", "Ann"), "agent:work:line:a:dm:~anna");
        bring("b", Map.of("id", "2", "from", "bob"), "agent:main:line:b:dm:bob");
        bring("b", Map.of("id", "3", "from", "mum"), "agent:family:home");
        bring("b", Map.of("id", "4", "from", "x", "kind", "ROOM", "chat", "r", "space", "guild", "thread", "T"),
                "agent:club:line:channel:r:thread:t");
    }

    private void bring(String account, Map<String, String> message, String session) throws Exception {
        Map<String, Object> line = new java.util.LinkedHashMap<>(message);
        line.put("text", "to " + session);
        assertEquals("ACCEPTED", outcome(messenger.message(account, line)));
        assertTrue(text(history(session).getFirst()).endsWith("to " + session), session);
        Json answer = messenger.next();
        assertEquals(message.getOrDefault("thread", ""), answer.text("thread").orElse(""));
    }

    // ---- what fails ----

    @Test
    void triesAgainWhatTheServiceDoesNotTakeAndKeepsTheOrder() throws Exception {
        startOpen();
        var refused = new AtomicInteger();
        messenger.answering(message -> refused.incrementAndGet() <= 2
                ? Messenger.refusal("later", "busy")
                : Messenger.sent(message));
        write("1", "first");
        Event retry = delivery("retrying");
        assertEquals("busy", retry.text("error"));
        write("2", "second");
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sent.add(messenger.next().text("text").orElse(""));
        }
        assertEquals(List.of("first", "first", "first", "second"), sent);
        assertTrue(messenger.book().stream().noneMatch(message -> message.flag("repeated").orElse(true)),
                "the service said that it had not taken it");
    }

    @Test
    void marksWhatMayHaveArrivedAlready() throws Exception {
        startOpen();
        var asked = new AtomicInteger();
        messenger.answering(message -> asked.incrementAndGet() == 1 ? null : Messenger.sent(message));
        write("1", "are you there");
        assertFalse(messenger.next().flag("repeated").orElse(true));
        Json again = messenger.next();
        assertTrue(again.flag("repeated").orElse(false));
        assertEquals(2, again.whole("attempt").orElse(0L));
        assertEquals(messenger.book().getFirst().text("id"), again.text("id"));
        Event sent = delivery("sent");
        assertTrue(sent.payload().flag("repeated").orElse(false));
    }

    @Test
    void keepsWhatWasGivenUpForAnOperator() throws Exception {
        startOpen();
        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        write("1", "lost");
        Event failed = delivery("failed");
        String id = failed.text("id");
        assertEquals("no such chat", failed.text("error"));
        Json health = client.call("health", Map.of("probe", true));
        assertEquals(1, health.at("delivery").orElseThrow().whole("failed").orElse(0L));
        assertEquals("degraded", health.text("status").orElse(""));
        Json list = client.call("delivery.list", Map.of("state", "failed"));
        assertEquals(id, list.items("deliveries").getFirst().text("id").orElse(""));
        assertEquals(1, list.whole("failed").orElse(0L));

        messenger.answering(Messenger::sent);
        client.call("delivery.retry", Map.of("id", id));
        assertEquals(id, delivery("sent").text("id"));
        assertTrue(String.valueOf(client.refused("delivery.retry", Map.of("id", id)).getMessage())
                .contains("no delivery '" + id + "' was given up"));

        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        write("2", "lost as well");
        String second = delivery("failed").text("id");
        client.call("delivery.drop", Map.of("id", second));
        assertEquals(0, client.call("delivery.list").whole("failed").orElse(-1L));
    }

    @Test
    void letsNobodyButAdministratorsRetryAndDrop() throws Exception {
        startOpen();
        try (Client reader = gateway.with("operator.read", "operator.write")) {
            assertEquals(0, reader.call("delivery.list").items("deliveries").size());
            for (String method : List.of("delivery.retry", "delivery.drop", "channels.start", "channels.stop",
                    "channels.logout")) {
                assertTrue(String.valueOf(reader.refused(method, Map.of("id", "x", "channel", "line")).getMessage())
                        .contains("missing scope: operator.admin"), method);
            }
        }
    }

    @Test
    void sendsWhatWaitedOnceTheAccountRunsAgain() throws Exception {
        startOpen();
        Path gate = folder.resolve("gate");
        write("1", "!await=" + gate + " now");
        client.call("channels.stop", Map.of("channel", "line"));
        assertFalse(account("default").flag("running").orElse(true));
        TestGateway.write(gate, "");
        client.await("chat", event -> event.text("state").equals("final"));
        assertTrue(messenger.isQuiet());
        assertEquals(1, client.call("delivery.list").whole("waiting").orElse(0L));
        client.call("channels.start", Map.of("channel", "line"));
        assertEquals("now", messenger.next().text("text").orElse("").strip());
    }

    @Test
    void keepsWhatWaitsOverARestart() throws Exception {
        startOpen();
        messenger.answering(message -> Messenger.refusal("later", "closed"));
        write("1", "patience");
        delivery("retrying");
        stop();
        messenger.answering(Messenger::sent);
        gateway = TestGateway.start(folder, options -> options.withPace(FAST));
        client = gateway.admin();
        messenger.login();
        while (client.call("delivery.list").whole("waiting").orElse(0L) > 0) {
            Thread.onSpinWait();
        }
        assertEquals("patience", messenger.book().getLast().text("text").orElse(""));
        assertEquals("REPEATED", outcome(write("1", "patience")));
    }

    // ---- accounts ----

    @Test
    void startsAnAccountAgainThatBreaksAndGivesUpAfterSome() throws Exception {
        startOpen();
        messenger.tell("default", "break");
        messenger.login();
        assertTrue(account("default").text("lastError").isEmpty());
        for (int i = 0; i < 3; i++) {
            messenger.tell("default", "break");
            if (i < 2) {
                messenger.login();
            }
        }
        Json row = account("default");
        while (!row.text("healthState").orElse("").equals("failed")) {
            row = account("default");
        }
        assertTrue(row.text("lastError").orElse("").contains("it failed: IllegalStateException"), row.toString());
        assertEquals("degraded", client.call("health", Map.of("probe", true)).text("status").orElse(""));
        Json started = client.call("channels.start", Map.of("channel", "line"));
        assertTrue(started.flag("started").orElse(false));
        messenger.login();
        assertEquals("ACCEPTED", outcome(write("1", "back")));
    }

    @Test
    void leavesAnAccountStoppedThatEndsByItself() throws Exception {
        startOpen();
        messenger.tell("default", "end");
        Json row = account("default");
        while (row.flag("running").orElse(false)) {
            row = account("default");
        }
        assertEquals("it ended by itself", row.text("lastError").orElse(""));
        assertEquals("stopped", row.text("healthState").orElse(""));
    }

    @Test
    void neverRunsAnAccountTwiceAtOnce() throws Exception {
        startOpen();
        messenger.tell("default", "deaf");
        assertFalse(client.call("channels.stop", Map.of("channel", "line")).flag("stopped").orElse(true));
        Json started = client.call("channels.start", Map.of("channel", "line"));
        assertEquals("it has not stopped yet", started.at("outcome").orElseThrow().text("reason").orElse(""));
    }

    @Test
    void namesWhatIsWrongWithAnAccountAndRunsTheOthers() throws Exception {
        start("""
                channels:
                  line: {dmPolicy: open, accounts: {good: {port: PORT}, bad: {port: none}, off: {port: 1, enabled: false}}}
                  telegraph: {token: secret}
                """);
        assertEquals("good", messenger.login());
        Json bad = account("bad");
        assertFalse(bad.flag("configured").orElse(true));
        assertTrue(bad.text("lastError").orElse("").contains("at /port: must be"), bad.toString());
        assertEquals("disabled", account("off").text("lastError").orElse(""));
        assertEquals("skipped", client.call("channels.start", Map.of("channel", "line", "accountId", "off"))
                .at("outcome").orElseThrow().text("status").orElse(""));
        assertEquals("good", client.call("channels.status").at("channelDefaultAccountId").orElseThrow().text("line")
                .orElse(""));
        assertEquals("invalid channels.start channel",
                client.refused("channels.start", Map.of("channel", "telegraph")).getMessage());
    }

    @Test
    void asksAccountsWhetherTheyCouldWork() throws Exception {
        startOpen();
        Json status = client.call("channels.status", Map.of("probe", true, "timeoutMs", 5000));
        Json probe = status.at("channelAccounts").orElseThrow().items("line").getFirst().at("probe").orElseThrow();
        assertTrue(probe.flag("ok").orElse(false), probe.toString());
        assertEquals("Line", status.at("channelLabels").orElseThrow().text("line").orElse(""));
        Json out = client.call("channels.logout", Map.of("channel", "line"));
        assertTrue(out.flag("loggedOut").orElse(false) && out.flag("cleared").orElse(false));
        assertEquals("logged out", account("default").text("lastError").orElse(""));
    }

    // ---- asked to send ----

    private Map<String, Object> order(String key, String text) {
        return Map.of("channel", "line", "to", "line:c9", "message", text, "idempotencyKey", key);
    }

    @Test
    void sendsOnceWhatAClientWantsSent() throws Exception {
        startOpen();
        Json first = client.call("send", order("k1", "hello"));
        assertEquals("k1", first.text("runId").orElse(""));
        assertEquals("line", first.text("channel").orElse(""));
        assertEquals("c9", first.text("chatId").orElse(""));
        assertEquals("hello", messenger.next().text("text").orElse(""));
        assertEquals(first, client.call("send", order("k1", "hello")));
        assertTrue(String.valueOf(client.refused("send", order("k1", "something else")).getMessage())
                .contains("idempotencyKey 'k1' was used for another request"));
        assertTrue(messenger.isQuiet());
    }

    @Test
    void saysWhatBecameOfAMessageThatIsNotSent() throws Exception {
        startOpen();
        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        ClientException failed = client.refused("send", order("k1", "hello"));
        assertEquals("no such chat", failed.getMessage());
        messenger.answering(message -> Messenger.refusal("later", "busy"));
        ClientException queued = client.refused("send", order("k2", "hello"));
        assertEquals("the message will be sent later: busy", queued.getMessage());
        messenger.answering(Messenger::sent);
        assertEquals("hello", messenger.book().getLast().text("text").orElse(""));
        client.await("delivery.sent", event -> event.text("to").equals("c9"));
    }

    @Test
    void refusesWhatCannotBeSent() throws Exception {
        startOpen();
        assertEquals("unsupported channel: pigeon", client.refused("send",
                Map.of("channel", "pigeon", "to", "c", "message", "x", "idempotencyKey", "1")).getMessage());
        assertEquals("channel line has no account 'other'", client.refused("send", Map.of("channel", "line",
                "accountId", "other", "to", "c", "message", "x", "idempotencyKey", "1")).getMessage());
        assertEquals("message or media required", client.refused("send",
                Map.of("channel", "line", "to", "c", "message", " ", "idempotencyKey", "1")).getMessage());
        assertTrue(String.valueOf(client.refused("send", Map.of("channel", "line", "to", "c", "mediaUrl",
                "file:///etc/passwd", "idempotencyKey", "1")).getMessage()).contains("http or https"));
        assertTrue(String.valueOf(client.refused("poll", Map.of("channel", "line", "to", "c", "question", "?",
                "options", List.of("a", "b"), "maxSelections", 3, "idempotencyKey", "1")).getMessage())
                .contains("maxSelections 3 is more than there are options"));
    }

    @Test
    void sendsPollsAndMediaAndDoesWhatElseTheChannelCan() throws Exception {
        startOpen();
        client.call("poll", Map.of("to", "c9", "question", "Tea?", "options", List.of("yes", "no"), "idempotencyKey",
                "p1"));
        Json poll = messenger.next();
        assertEquals("Tea?", poll.text("question").orElse(""));
        assertEquals(2, poll.items("options").size());
        client.call("message.action", Map.of("channel", "line", "action", "send", "params",
                Map.of("target", "c9", "to", "line:c9", "message", "look", "media", "https://example.org/a.png"),
                "idempotencyKey", "a1"));
        Json media = messenger.next();
        assertEquals("look", media.text("text").orElse(""));
        assertEquals("https://example.org/a.png", ((Json.Text) media.items("media").getFirst()).value());
        Json reaction = client.call("message.action", Map.of("channel", "line", "action", "react", "params",
                Map.of("emoji", "+1"), "idempotencyKey", "a2"));
        assertEquals("+1", reaction.text("reacted").orElse(""));
        assertEquals("action 'explode' failed: no such message", client.refused("message.action", Map.of("channel",
                "line", "action", "explode", "params", Map.of(), "idempotencyKey", "a3")).getMessage());
        assertEquals("channel line has no action 'fly'; it has: explode, react, sleep",
                client.refused("message.action", Map.of("channel", "line", "action", "fly", "params", Map.of(),
                        "idempotencyKey", "a4")).getMessage());
    }

    @Test
    void notesWhatWasSentInTheSessionItWasSentFor() throws Exception {
        startOpen();
        write("1", "hello");
        messenger.next();
        client.call("send", Map.of("channel", "line", "to", "c1", "message", "by the way", "sessionKey",
                "agent:main:line:dm:ann", "idempotencyKey", "k"));
        assertEquals("by the way", text(history("agent:main:line:dm:ann").getLast()));
    }

    @Test
    void deliversAnAnswerWhereTheClientWantsIt() throws Exception {
        startOpen();
        client.call("agent", Map.of("message", "for them", "deliver", true, "channel", "line", "to", "c5",
                "idempotencyKey", "r1"));
        assertEquals("c5", messenger.next().text("to").orElse(""));
        assertTrue(String.valueOf(client.refused("agent", Map.of("message", "x", "deliver", true, "sessionKey", "quiet",
                "idempotencyKey", "r2")).getMessage()).contains("there is nowhere to deliver to"));
        write("1", "hello");
        messenger.next();
        client.call("chat.send", Map.of("sessionKey", "agent:main:line:dm:ann", "message", "to all", "deliver", true,
                "idempotencyKey", "r3"));
        assertEquals("c1", messenger.next().text("to").orElse(""));
    }

    // ---- hooks ----

    @Test
    void letsPluginsChangeAndRefuseWhatIsSent() throws Exception {
        PluginJar.registering("censor", """
                r.hook(Hook.modify(MessageSending.class, m -> new MessageSending(m.channel(), m.account(), m.to(),
                    m.text().replace("damn", "****"), m.session(), m.runId())));
                r.hook(Hook.gate(MessageSending.class, m -> m.text().contains("secret")
                    ? Optional.of("it is secret") : Optional.empty()));
                r.hook(Hook.observe(MessageSent.class, m -> r.context().sessions().note(r.context().sessions().main(),
                    "sent " + m.text() + " as " + m.messageId().substring(0, 2))));
                """).writeTo(folder.resolve("state/plugins"), "censor.jar");
        startOpen();
        write("1", "damn it");
        assertEquals("**** it", messenger.next().text("text").orElse(""));
        write("2", "a secret");
        assertEquals("plugin 'censor' refuses: it is secret", delivery("failed").text("error"));
        write("3", "last");
        assertEquals("last", messenger.next().text("text").orElse(""));
    }

    // ---- plugins that hang or tell too much ----

    @Test
    void showsNobodyWhatAnExceptionOfAPluginSays() throws Exception {
        PluginJar.registering("leaky", """
                r.channel(new Channel<Leaky>() {
                    public String id() { return "leaky"; }
                    public Class<Leaky> settings() { return Leaky.class; }
                    public Set<String> actions() { return Set.of("leak"); }
                    public void run(Account<Leaky> account, Inbox inbox) throws Exception {
                        throw new java.io.IOException("GET https://api.example/botsecret-token/getMe");
                    }
                    public Receipt send(Account<Leaky> account, Outbound message) { return Receipt.of("1"); }
                    public ChannelStatus probe(Account<Leaky> account) throws Exception {
                        throw new java.io.IOException("GET https://api.example/botsecret-token/getMe");
                    }
                });
                """.replace("Leaky", "NoParams")).writeTo(folder.resolve("state/plugins"), "leaky.jar");
        start("channels: {leaky: {}, line: {port: PORT, dmPolicy: open}}");
        messenger.login();
        String shown = client.call("channels.status", Map.of("probe", true)).toString()
                + client.call("health", Map.of("probe", true));
        assertTrue(shown.contains("it failed: IOException"), shown);
        assertFalse(shown.contains("secret-token"), shown);
    }

    @Test
    void keepsAnsweringWhileActionsHang() throws Exception {
        startOpen();
        List<Client> others = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Client other = gateway.admin();
                others.add(other);
                for (int k = 0; k < 8; k++) {
                    var _ = other.client().begin("message.action", Json.of(Map.of("channel", "line", "action", "sleep",
                            "params", Map.of(), "idempotencyKey", i + "-" + k)));
                }
                // Behind those of its connection, so that they are at work.
                assertTrue(other.call("health").flag("ok").orElse(false));
            }
            assertEquals(0, client.call("chat.history", Map.of("sessionKey", "main")).items("messages").size());
            assertEquals("ACCEPTED", outcome(write("1", "hello")));
            assertEquals("hello", messenger.next().text("text").orElse(""));
        } finally {
            others.forEach(Client::close);
        }
    }

    @Test
    void doesAnActionOnceHoweverOftenItIsAskedFor() throws Exception {
        PluginJar
                .registering("counter",
                        """
                                var count = new java.util.concurrent.atomic.AtomicInteger();
                                r.channel(new Channel<NoParams>() {
                                    public String id() { return "counter"; }
                                    public Class<NoParams> settings() { return NoParams.class; }
                                    public Set<String> actions() { return Set.of("count"); }
                                    public void run(Account<NoParams> account, Inbox inbox) throws Exception { Thread.sleep(Long.MAX_VALUE); }
                                    public Receipt send(Account<NoParams> account, Outbound message) { return Receipt.of("1"); }
                                    public Json act(Account<NoParams> account, Action action) {
                                        return Json.of(Map.of("n", count.incrementAndGet()));
                                    }
                                });
                                """)
                .writeTo(folder.resolve("state/plugins"), "counter.jar");
        start("channels: {counter: {}}");
        while (!client.call("channels.status").toString().contains("healthy")) {
            Thread.onSpinWait();
        }
        Map<String, Object> action = Map.of("channel", "counter", "action", "count", "params", Map.of(),
                "idempotencyKey", "a");
        assertEquals(1, client.call("message.action", action).whole("n").orElse(0L));
        assertEquals(1, client.call("message.action", action).whole("n").orElse(0L));
        assertTrue(String.valueOf(client.refused("message.action", Map.of("channel", "counter", "action", "count",
                "params", Map.of("other", 1), "idempotencyKey", "a")).getMessage())
                .contains("was used for another request"));
        client.call("channels.stop", Map.of("channel", "counter"));
        assertTrue(String.valueOf(client.refused("message.action", Map.of("channel", "counter", "action", "count",
                "params", Map.of(), "idempotencyKey", "b")).getMessage()).contains("does not run"));
    }
}
