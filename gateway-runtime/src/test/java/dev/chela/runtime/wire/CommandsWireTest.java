package dev.chela.runtime.wire;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Slash commands, of the gateway and of plugins.
class CommandsWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        PluginJar.registering("orders", """
                r.command(dev.chela.api.session.Command.of("echo", "Say it again.", Scope.READ,
                        call -> "heard: " + call.arguments()).withArguments());
                r.command(dev.chela.api.session.Command.of("crash", "Crash.", Scope.READ,
                        call -> { throw new IllegalStateException("secret details"); }));
                r.command(dev.chela.api.session.Command.of("flood", "Say too much.", Scope.READ,
                        call -> "x".repeat(600_000)));
                r.command(dev.chela.api.session.Command.of("hang", "Never answer.", Scope.READ,
                        call -> { Thread.sleep(Long.MAX_VALUE); return ""; }));
                r.command(dev.chela.api.session.Command.of("power", "Do anything.", Scope.ADMIN, call -> "done"));
                """).writeTo(folder.resolve("state/plugins"), "orders.jar");
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private Json send(String session, String text, String id) throws Exception {
        return client.call("chat.send", Map.of("sessionKey", session, "message", text, "idempotencyKey", id));
    }

    private Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private String answer(String session, String text, String id) throws Exception {
        assertEquals("started", send(session, text, id).text("status").orElse(""));
        Event end = end(id);
        assertEquals("final", end.text("state"), end::toString);
        return text(end.payload().at("message").orElseThrow());
    }

    private static String reason(ClientException refused) {
        Json details = refused.details();
        return details == null ? "" : details.text("reason").orElse("");
    }

    private static String text(Json message) {
        return message.items("content").getFirst().text("text").orElse("");
    }

    private List<String> texts(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages").stream()
                .map(CommandsWireTest::text).toList();
    }

    @Test
    void beginsANewSessionAndAnswersThatOnceForARequest() throws Exception {
        answer("s", "old", "k1");
        assertEquals("A new session has begun.", answer("s", "/new", "n"));
        assertEquals(List.of("A new session has begun."), texts("s"));
        answer("s", "young", "k2");
        assertEquals("ok", send("s", "/new", "n").text("status").orElse(""), "a repetition begins nothing");
        assertEquals(3, texts("s").size());
        assertEquals("chat-request-conflict",
                reason(client.refused("chat.send",
                        Map.of("sessionKey", "s", "message", "/reset", "idempotencyKey", "n"))));
    }

    @Test
    void takesTextBehindNewAsTheFirstMessage() throws Exception {
        answer("s", "old", "k1");
        assertEquals("hello there", answer("s", "/reset hello there", "n"));
        assertEquals(List.of("hello there", "hello there"), texts("s"));
        assertEquals("ok", send("s", "/reset hello there", "n").text("status").orElse(""));
        assertEquals(2, texts("s").size());
    }

    @Test
    void resetsNothingForAMessageThatIsNotTaken() throws Exception {
        answer("s", "old", "k1");
        client.call("sessions.patch", Map.of("key", "s", "sendPolicy", "deny"));
        assertEquals("send blocked by session policy", client.refused("chat.send",
                Map.of("sessionKey", "s", "message", "/new hello", "idempotencyKey", "n")).getMessage());
        assertEquals(List.of("old", "old"), texts("s"));
    }

    @Test
    void namesASessionByWhatWasSaidInIt() throws Exception {
        answer("s", "/status", "a");
        answer("s", "about crabs", "b");
        Json row = client.call("sessions.describe", Map.of("key", "s")).at("session").orElseThrow();
        assertEquals("about crabs", row.text("derivedTitle").orElse(""));
    }

    @Test
    void saysHowTheSessionStandsWhileAnAnswerIsUnderWay() throws Exception {
        send("s", "!hang", "h");
        String status = answer("s", " /STATUS ", "st");
        assertTrue(status.contains("Session: agent:main:s, 1 messages"), status);
        assertTrue(status.contains("Runs: 1 at work, 0 waiting"), status);
        assertEquals(true, send("s", "/stop", "x").flag("aborted").orElse(false));
    }

    @Test
    void listsEveryCommandOnce() throws Exception {
        String help = answer("s", "/help", "h");
        List<Json> commands = client.call("commands.list").items("commands");
        assertTrue(commands.size() > 10);
        for (Json command : commands) {
            String line = "/" + command.text("name").orElse("") + " - ";
            assertEquals(1, help.lines().filter(one -> one.startsWith(line)).count(), line);
        }
        assertEquals(commands, client.call("chat.metadata").items("commands"));
    }

    @Test
    void choosesForTheSession() throws Exception {
        assertEquals("thinkingLevel is high now.", answer("s", "/think high", "a"));
        assertEquals("invalid thinkingLevel (use off|minimal|low|medium|high|xhigh), or default",
                answer("s", "/think deeply", "b"));
        assertEquals("thinkingLevel is back to its default.", answer("s", "/think default", "c"));
        assertTrue(answer("s", "/model", "d").startsWith("Model: "));
        assertTrue(answer("s", "/model no/such", "e").startsWith("There is no model no/such."));
        assertEquals("Use /compact and how many messages are to stay.", answer("s", "/compact all", "f"));
    }

    @Test
    void leavesToTheAgentWhatOnlyLooksLikeACommand() throws Exception {
        assertEquals("/unknown thing", answer("s", "/unknown thing", "a"));
        assertEquals("/etc/hosts", answer("s", "/etc/hosts", "b"));
        assertEquals("/", answer("s", "/", "c"));
        assertEquals("started", client.call("chat.send", Map.of("sessionKey", "s", "message", "/new", "idempotencyKey",
                "d", "suppressCommandInterpretation", true)).text("status").orElse(""));
        assertEquals("/new", text(end("d").payload().at("message").orElseThrow()));
    }

    @Test
    void letsThePluginAnswerInItsTurn() throws Exception {
        Path gate = folder.resolve("gate");
        send("s", "!await=" + gate, "w");
        send("s", "/echo  two words ", "e");
        assertEquals("queued", client.call("chat.history", Map.of("sessionKey", "s")).at("pendingInputs").orElseThrow()
                .items("items").getFirst().text("state").orElse(""));
        Files.createFile(gate);
        assertEquals("heard: two words", text(end("e").payload().at("message").orElseThrow()));
        assertEquals(List.of("/echo  two words ", "heard: two words"), texts("s").subList(1, 3));
    }

    @Test
    void endsACommandThatFailsFloodsOrHangsWithAnErrorOnly() throws Exception {
        send("s", "/crash", "c");
        Event crashed = end("c");
        assertEquals("the engine failed; the gateway's log says why", crashed.text("errorMessage"));
        send("s", "/flood", "f");
        assertEquals("the answer is longer than 512 KiB", end("f").text("errorMessage"));
        send("s", "/hang", "h");
        client.await("agent", event -> event.text("runId").equals("h"));
        client.call("chat.abort", Map.of("sessionKey", "s", "runId", "h"));
        assertEquals("aborted", end("h").text("state"));
        assertEquals("heard: still here", answer("s", "/echo still here", "e"));
    }

    @Test
    void refusesACommandForLackOfScopeOrWithWrongArguments() throws Exception {
        try (Client writer = gateway.with("operator.write")) {
            assertEquals("/power needs the scope operator.admin", writer.refused("chat.send",
                    Map.of("sessionKey", "s", "message", "/power", "idempotencyKey", "p")).getMessage());
            assertEquals("/verbose needs the scope operator.admin", writer.refused("chat.send",
                    Map.of("sessionKey", "s", "message", "/verbose full", "idempotencyKey", "v")).getMessage());
            assertEquals("missing scope: operator.admin", writer.refused("agent",
                    Map.of("sessionKey", "s", "message", "/new", "idempotencyKey", "n")).getMessage());
        }
        assertEquals("/power takes no arguments", client.refused("chat.send",
                Map.of("sessionKey", "s", "message", "/power now", "idempotencyKey", "p")).getMessage());
        assertEquals("the arguments of /echo are longer than 4096 characters", client.refused("chat.send",
                Map.of("sessionKey", "s", "message", "/echo " + "x".repeat(4097), "idempotencyKey", "p")).getMessage());
        assertEquals("done", answer("s", "/power", "p"));
    }

    @Test
    void answersCommandsOfAnAgentsCallInBothStages() throws Exception {
        GatewayClient.Pending pending = client.client().begin("agent",
                Json.of(Map.of("sessionKey", "s", "message", "/status", "idempotencyKey", "a")));
        assertEquals("accepted", pending.get(TestGateway.PATIENCE).text("status").orElse(""));
        Json result = pending.get(TestGateway.PATIENCE);
        assertEquals("ok", result.text("status").orElse(""));
        String text = result.at("result").orElseThrow().items("payloads").getFirst().text("text").orElse("");
        assertNotEquals("", text);
        assertTrue(text.startsWith("Chela "), text);
    }

    @Test
    void refusesAPluginsCommandByItsName() throws Exception {
        for (String[] bad : new String[][]{{"status", "command 'status' is the gateway's own"},
                {"Big", "command 'Big' has no proper name"}, {"echo", "command 'echo' belongs to plugin 'orders'"}}) {
            PluginJar.registering("bad" + bad[0].toLowerCase(Locale.ROOT),
                    "r.command(dev.chela.api.session.Command.of(\"" + bad[0] + "\", \"d\", Scope.READ, call -> \"\"));")
                    .writeTo(folder.resolve("state/plugins"), "z" + bad[0] + ".jar");
        }
        client.close();
        gateway.close();
        gateway = TestGateway.start(folder);
        client = gateway.admin();
        List<String> errors = client.call("plugins.list").items("plugins").stream()
                .flatMap(plugin -> plugin.text("error").stream()).sorted().toList();
        assertEquals(3, errors.size());
        assertTrue(errors.get(0).contains("command 'Big' has no proper name"), errors::toString);
        assertTrue(errors.get(1).contains("command 'echo' belongs to plugin 'orders'"), errors::toString);
        assertTrue(errors.get(2).contains("command 'status' is the gateway's own"), errors::toString);
    }
}
