package dev.chela.runtime.wire;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.testing.GatewayProcess;
import dev.chela.runtime.testing.LineChannel;
import dev.chela.runtime.testing.Messenger;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What is left of a gateway that was killed, or whose disk is full. The ledger is kept here, outside of its process.
/// With `-Dchela.scale=N` it is killed N times as often, with `-Dchela.seed=N` at other moments; what came of it is written
/// to `target/long-checks`.
class CrashTest {

    private static final int SCALE = Integer.getInteger("chela.scale", 1);
    private static final long SEED = Long.getLong("chela.seed", 1);
    private static final int KILLS = 3;
    private static final int MESSAGES = 60;
    private static final int LETTERS = 30;

    private final Random random = new Random(SEED);
    private final Messenger messenger = new Messenger();

    @TempDir
    Path folder;

    private record Sent(String session, String id, String text) {}

    /// What was said and answered in a session, by run.
    private record Transcript(List<String> said, Map<String, List<Json>> answers) {}

    private static GatewayClient.Pending send(GatewayClient client, Sent sent) {
        return client.begin("chat.send",
                Json.of(Map.of("sessionKey", sent.session(), "message", sent.text(), "idempotencyKey", sent.id())));
    }

    private static Transcript transcript(GatewayClient client, String session) throws Exception {
        List<String> said = new ArrayList<>();
        Map<String, List<Json>> answers = new TreeMap<>();
        Json history = client.call("chat.history", Json.of(Map.of("sessionKey", session, "limit", 1000)),
                TestGateway.PATIENCE);
        for (Json message : history.items("messages")) {
            String run = message.at("__openclaw").flatMap(own -> own.text("runId")).orElse("");
            if (message.text("role").orElse("").equals("user")) {
                said.add(run);
            } else {
                answers.computeIfAbsent(run, _ -> new ArrayList<>()).add(message);
            }
        }
        return new Transcript(said, answers);
    }

    private static String text(Json message) {
        return message.items("content").getFirst().text("text").orElse("");
    }

    /// Some are answered at once, some wait for a file and have shown nothing, some have shown something and hang.
    private Sent message(String id, String batch, Path gate) {
        return switch (random.nextInt(3)) {
            case 0 -> new Sent("quick" + random.nextInt(2) + batch, id, "quick " + id);
            case 1 -> new Sent("silent" + random.nextInt(2) + batch, id, "!await=" + gate + " silent " + id);
            default -> new Sent("shown" + id, id, "shown " + id + " !await=" + gate);
        };
    }

    @AfterEach
    void close() {
        messenger.close();
    }

    /// What a channel's service has not heard the gateway take yet, and what it has.
    private static final class Post {
        private final List<Sent> unacknowledged = new ArrayList<>();
        private final List<Sent> acknowledged = new ArrayList<>();
        private List<CompletableFuture<Json>> pending = List.of();
    }

    @Test
    void losesNoAcceptedMessageAndAnswersNoneTwiceWhenItIsKilled() throws Exception {
        LineChannel.writeTo(folder.resolve("plugins"));
        TestGateway.write(folder.resolve("state/chela.yaml"), "channels: {line: {port: " + messenger.port()
                + ", dmPolicy: open}}\nsession: {dmScope: per-channel-peer}\n");
        int accepted = 0;
        for (int batch = 0; batch < SCALE; batch++) {
            accepted += killAndCheck("b" + batch);
        }
        List<Json> book = messenger.book();
        Path notes = Files.createDirectories(Path.of("target/long-checks"));
        Files.writeString(notes.resolve("crash.txt"), "kill -9: " + SCALE * KILLS + " kills, seed " + SEED + ", "
                + accepted + " accepted messages, none lost, none answered twice; " + book.size()
                + " messages sent through a channel, "
                + book.stream().filter(message -> message.flag("repeated").orElse(false)).count()
                + " of them a second time, each marked\n");
    }

    private int killAndCheck(String batch) throws Exception {
        Path gate = folder.resolve("gate-" + batch);
        Map<String, Sent> ledger = new LinkedHashMap<>();
        var post = new Post();
        for (int round = 0; round < KILLS; round++) {
            try (GatewayProcess gateway = GatewayProcess.start(folder); GatewayClient client = gateway.connect()) {
                messenger.login();
                for (int i = 0; i < LETTERS; i++) {
                    String id = batch + "r" + round + "c" + i;
                    Sent letter = message(id, batch, gate);
                    post.unacknowledged.add(new Sent("agent:main:line:dm:u" + batch, id, letter.text()));
                }
                deliver(post, batch);
                List<Sent> all = new ArrayList<>();
                List<GatewayClient.Pending> pending = new ArrayList<>();
                for (int i = 0; i < MESSAGES; i++) {
                    all.add(message(batch + "r" + round + "m" + i, batch, gate));
                    pending.add(send(client, all.getLast()));
                }
                // Killed while the later ones are still on their way.
                int accepted = 1 + random.nextInt(MESSAGES);
                for (int i = 0; i < accepted; i++) {
                    pending.get(i).get(TestGateway.PATIENCE);
                    ledger.put(all.get(i).id(), all.get(i));
                }
                gateway.kill();
                collect(post, false);
            }
        }
        Files.createFile(gate);
        try (GatewayProcess gateway = GatewayProcess.start(folder); GatewayClient client = gateway.connect()) {
            messenger.login();
            deliver(post, batch);
            collect(post, true);
            check(client, ledger);
            check(client, post.acknowledged);
        }
        return ledger.size() + post.acknowledged.size();
    }

    /// The service repeats what it has not heard of, before what is new.
    private void deliver(Post post, String batch) {
        post.pending = post.unacknowledged.stream().map(letter -> messenger.begin("default", Map.of("type", "message",
                "id", letter.id(), "from", "u" + batch, "chat", "c" + batch, "text", letter.text()))).toList();
    }

    private static void collect(Post post, boolean all) throws Exception {
        List<Sent> open = List.copyOf(post.unacknowledged);
        for (int i = 0; i < open.size(); i++) {
            CompletableFuture<Json> said = post.pending.get(i);
            if (!all && !said.isDone()) {
                return;
            }
            Json answer = said.get(TestGateway.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals("ack", answer.text("type").orElse(""), answer.toString());
            post.acknowledged.add(open.get(i));
            post.unacknowledged.remove(open.get(i));
        }
    }

    private static String runOf(Sent letter) {
        String batch = letter.session().substring(letter.session().lastIndexOf('u') + 1);
        return "line:default:c" + batch + ":" + letter.id();
    }

    /// What arrived in a channel was said once, in order, and its answer was sent: once, or marked.
    private void check(GatewayClient client, List<Sent> letters) throws Exception {
        for (Sent letter : letters) {
            Json ended = client.call("agent.wait", Json.of(Map.of("runId", runOf(letter))),
                    TestGateway.PATIENCE);
            assertFalse(ended.text("status").orElse("").equals("timeout"), () -> letter + " never ended");
        }
        while (client.call("delivery.list").whole("waiting").orElse(0L) > 0) {
            Thread.onSpinWait();
        }
        assertEquals(letters.stream().map(letter -> runOf(letter)).toList(),
                transcript(client, letters.getFirst().session()).said());
        Map<String, List<String>> sent = new TreeMap<>();
        for (long cursor = 0; cursor >= 0;) {
            Json page = client.call("delivery.list", Json.of(Map.of("state", "sent", "limit", 500, "cursor", cursor)),
                    TestGateway.PATIENCE);
            page.items("deliveries").forEach(row -> sent.computeIfAbsent(row.text("runId").orElse(""),
                    _ -> new ArrayList<>()).add(row.text("id").orElse("")));
            cursor = page.whole("nextCursor").orElse(-1L);
        }
        for (Sent letter : letters) {
            List<String> ids = sent.getOrDefault(runOf(letter), List.of());
            assertEquals(1, ids.size(), () -> letter + " has one answer");
            List<Json> copies = messenger.book().stream()
                    .filter(message -> message.text("id").orElse("").equals(ids.getFirst())).toList();
            assertFalse(copies.isEmpty(), () -> "the answer to " + letter + " was sent");
            assertTrue(copies.stream().skip(1).allMatch(copy -> copy.flag("repeated").orElse(false)),
                    () -> "marked if twice: " + copies);
        }
    }

    private static void check(GatewayClient client, Map<String, Sent> ledger) throws Exception {
        for (Sent sent : ledger.values()) {
            Json ended = client.call("agent.wait", Json.of(Map.of("runId", sent.id())), TestGateway.PATIENCE);
            assertTrue(!ended.text("status").orElse("").equals("timeout"), () -> sent + " never ended");
            assertEquals("ok", send(client, sent).get(TestGateway.PATIENCE).text("status").orElse(""),
                    "the key is still known");
        }
        Map<String, Transcript> transcripts = new LinkedHashMap<>();
        for (Sent sent : ledger.values()) {
            if (!transcripts.containsKey(sent.session())) {
                transcripts.put(sent.session(), transcript(client, sent.session()));
            }
            Transcript transcript = transcripts.get(sent.session());
            assertEquals(1, transcript.said().stream().filter(sent.id()::equals).count(),
                    () -> sent + " was said once");
            List<Json> answers = transcript.answers().getOrDefault(sent.id(), List.of());
            assertEquals(1, answers.size(), () -> sent + " has one answer or mark: " + answers);
            Json answer = answers.getFirst();
            boolean marked = answer.text("stopReason").orElse("").equals("interrupted");
            assertTrue(marked || text(answer).startsWith(sent.session().substring(0, 5)), () -> sent + ": " + answer);
            assertFalse(marked && sent.session().startsWith("silent"), () -> sent + " had shown nothing");
        }
        transcripts.forEach((session, transcript) -> assertEquals(
                ledger.values().stream().filter(sent -> sent.session().equals(session)).map(Sent::id).toList(),
                transcript.said().stream().filter(ledger::containsKey).toList(), "in order of acceptance"));
    }

    @Test
    void saysClearlyThatItsDiskIsFullAndGoesOnWithWhatItHas() throws Exception {
        String large = "x".repeat(200_000);
        int accepted = 0;
        // A limit for files stands in for a small disk.
        try (GatewayProcess gateway = GatewayProcess.start(folder, "ulimit -f 4096");
                GatewayClient client = gateway.connect()) {
            ClientException refused = null;
            for (int i = 0; i < 50 && refused == null; i++) {
                try {
                    send(client, new Sent("s" + i, "id" + i, "!hang " + large)).get(TestGateway.PATIENCE);
                    accepted++;
                } catch (ClientException e) {
                    refused = e;
                }
            }
            assertTrue(accepted > 0 && refused != null);
            assertEquals("UNAVAILABLE", refused.code());
            assertTrue(String.valueOf(refused.getMessage()).contains("the store failed"), refused.getMessage());
            assertEquals(accepted, sessions(client));
            assertTrue(client.call("health").flag("ok").orElse(false));
        }
        try (GatewayProcess gateway = GatewayProcess.start(folder); GatewayClient client = gateway.connect()) {
            assertEquals(accepted, sessions(client));
            send(client, new Sent("s", "later", "works again")).get(TestGateway.PATIENCE);
        }
    }

    private static long sessions(GatewayClient client) throws Exception {
        return client.call("sessions.list").whole("totalCount").orElse(-1L);
    }
}
