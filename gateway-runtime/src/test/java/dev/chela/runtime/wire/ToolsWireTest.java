package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.testing.GatewayProcess;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.RawSocket;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.TestGateway.Event;
import dev.chela.runtime.testing.ToolKit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Tools that agents call: what they may do, what comes back, and who hears of it.
class ToolsWireTest {

    @TempDir
    static Path folder;
    private static TestGateway gateway;
    private static Client client;
    private static int number;

    @BeforeAll
    static void start() throws Exception {
        ToolKit.writeTo(folder.resolve("state/plugins"));
        PluginJar.registering("other", "r.tool(Tool.of(\"alone\", \"Is alone.\", NoParams.class, (p, c) -> 1));")
                .writeTo(folder.resolve("state/plugins"), "other.jar");
        TestGateway.write(folder.resolve("state/chela.yaml"), """
                tools: {deny: [never]}
                agents:
                  list:
                    - {id: main}
                    - {id: few, tools: {allow: [SUM, 'w*', other], deny: [wreck]}}
                    - {id: none, tools: {deny: ['group:plugins']}}
                """);
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterAll
    static void stop() {
        client.close();
        gateway.close();
    }

    private static String send(String session, String text) throws Exception {
        String id = "run" + number++;
        client.call("chat.send", Map.of("sessionKey", session, "message", text, "idempotencyKey", id));
        return id;
    }

    private static Event end(String runId) throws InterruptedException {
        return client.await("chat", event -> event.text("runId").equals(runId) && !event.text("state").equals("delta"));
    }

    private static String answer(String session, String text) throws Exception {
        Event end = end(send(session, text));
        assertEquals("final", end.text("state"), end.toString());
        return end.payload().at("message").map(ToolsWireTest::text).orElse("");
    }

    private static String text(Json message) {
        return message.items("content").stream().findFirst().flatMap(part -> part.text("text")).orElse("");
    }

    private static List<Json> history(String session) throws Exception {
        return client.call("chat.history", Map.of("sessionKey", session)).items("messages");
    }

    // ---- what comes back ----

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sum{"a":1,"b":2}|{"sum":3}
            say{"text":"hi"}|hi
            who{}|agent:main:results call0 run
            free{"x":[1,null]}|{"x":[1,null]}
            nothing{}|''
            wrong{}|ERROR not today
            picky{}|ERROR the moon is full
            crash{}|ERROR tool 'crash' failed; the gateway's log says why
            wreck{}|ERROR tool 'wreck' failed; the gateway's log says why
            odd{}|ERROR tool 'odd' failed; the gateway's log says why
            huge{}|ERROR the result of tool 'huge' is larger than 4 MiB
            half{}|a\ufffd
            slow{}|ERROR tool 'slow' took longer than 100 ms and was stopped
            deaf{}|ERROR tool 'deaf' took longer than 100 ms and was stopped
            sum{"a":"x","b":10}|ERROR invalid arguments of tool 'sum': at /a: must be integer; at /b: must be <= 9
            sum{"a":1}|ERROR invalid arguments of tool 'sum': must have required property 'b'
            sum{"a":1,"b":2,"c":3}|ERROR invalid arguments of tool 'sum': at root: unexpected property 'c'
            """)
    void tellsTheModelWhatAToolSays(String call, String expected) throws Exception {
        String answer = answer("results", "!call=" + call);
        assertTrue(answer.startsWith(expected), answer);
    }

    @Test
    void namesTheToolsThereAreToAModelThatInventsOne() throws Exception {
        String answer = answer("agent:few:main", "!call=invented{}");
        assertEquals("ERROR there is no tool 'invented'; there are: sum, who, wrong, alone", answer);
        assertEquals("ERROR there is no tool 'sum'; there are none at all", answer("agent:none:main", "!call=sum{}"));
        assertTrue(answer("results", "!call=" + "n".repeat(500) + "{}").contains("'" + "n".repeat(64) + "';"));
    }

    @Test
    void cutsALongResultWithAMark() throws Exception {
        String answer = answer("long", "!call=long{}");
        assertEquals("x".repeat(262_144) + "\n[cut here: these are the first 262144 of 300000 characters]", answer);
    }

    @Test
    void refusesArgumentsThatAreTooLargeOrTooDeepToBeKept() throws Exception {
        assertEquals("ERROR the arguments of a call must not be larger than 256 KiB",
                answer("args", "!call=say{\"text\":\"" + "x".repeat(300_000) + "\"}"));
        String deep = answer("args", "!call=free{\"x\":" + "[".repeat(62) + "]".repeat(62) + "}");
        assertTrue(deep.startsWith("ERROR the arguments of a call cannot be used: "), deep);
    }

    @Test
    void stopsAModelThatNeverStopsCalling() throws Exception {
        assertEquals("ERROR no more than 50 tools may be called in one turn; answer with what you have",
                answer("many", "!calls=51=say{\"text\":\"x\"}"));
        assertEquals(50, history("many").stream()
                .filter(message -> message.text("role").orElse("").equals("toolResult")).count());
        assertEquals("x", answer("many", "!calls=50=say{\"text\":\"x\"}"), "another turn may call as many");
    }

    // ---- who may call what ----

    @Test
    void offersEachAgentWhatItsRulesPermit() throws Exception {
        assertEquals("sum who wrong alone ", answer("agent:few:offers", "!tools"));
        assertTrue(answer("offers", "!tools").contains("wreck "));
        assertEquals("", answer("agent:none:offers", "!tools"));
    }

    @Test
    void listsAndExplainsTools() throws Exception {
        Json catalog = client.call("tools.catalog", Map.of("agentId", "few"));
        assertEquals("few", catalog.text("agentId").orElse(""));
        List<String> groups = catalog.items("groups").stream().map(group -> group.text("id").orElse("")).toList();
        assertEquals(List.of("plugin:kit", "plugin:other"), groups);
        Json alone = catalog.items("groups").getLast().items("tools").getFirst();
        assertEquals(List.of("alone", "Is alone.", "plugin", "other"), List.of(alone.text("id").orElse(""),
                alone.text("description").orElse(""), alone.text("source").orElse(""),
                alone.text("pluginId").orElse("")));
        Json effective = client.call("tools.effective", Map.of("sessionKey", "agent:few:main"));
        assertEquals(List.of("sum", "who", "wrong", "alone"), effective.items("groups").getFirst().items("tools")
                .stream().map(tool -> tool.text("id").orElse("")).toList());
        assertEquals(List.of(), client.call("tools.effective", Map.of("sessionKey", "agent:none:main"))
                .items("groups"));
        Json kit = client.call("plugins.list").items("plugins").stream()
                .filter(plugin -> plugin.text("id").orElse("").equals("other")).findFirst().orElseThrow();
        assertEquals(List.of(Json.of("alone")), kit.at("brings").orElseThrow().items("tools"));
    }

    // ---- the transcript ----

    @Test
    void keepsCallsAndResultsWhereTheyHappened() throws Exception {
        assertEquals("before hiafter", answer("kept", "before !call=say{\"text\":\"hi\"} after"));
        List<Json> messages = history("kept");
        assertEquals(List.of("user", "assistant", "toolResult", "assistant"),
                messages.stream().map(message -> message.text("role").orElse("")).toList());
        Json call = messages.get(1);
        assertEquals("before", text(call));
        assertEquals("toolUse", call.text("stopReason").orElse(""));
        Json item = call.items("content").getLast();
        assertEquals(List.of("toolCall", "call0", "say"), List.of(item.text("type").orElse(""),
                item.text("id").orElse(""), item.text("name").orElse("")));
        assertEquals("hi", item.at("arguments").orElseThrow().text("text").orElse(""));
        Json result = messages.get(2);
        assertEquals(List.of("call0", "say", "hi"), List.of(result.text("toolCallId").orElse(""),
                result.text("toolName").orElse(""), text(result)));
        assertEquals(false, result.flag("isError").orElse(true));
        assertEquals("hiafter", text(messages.get(3)));
    }

    @Test
    void keepsThePartsOfAnAnswerApart() throws Exception {
        assertEquals("hi\n\nho", answer("apart", "!call=say{\"text\":\"hi\"} !call=say{\"text\":\"ho\"}"));
        assertEquals("ho", text(history("apart").getLast()));
    }

    @Test
    void givesTheEngineEveryCallWithAResult() throws Exception {
        answer("past", "!call=say{\"text\":\"hi\"}");
        Path mark = folder.resolve("past-mark");
        String run = send("past", "!call=mark{\"text\":\"" + mark + "\"}");
        ToolKit.awaitFile(mark);
        client.call("chat.abort", Map.of("sessionKey", "past"));
        assertEquals("aborted", end(run).text("state"));
        String said = answer("past", "!history");
        assertTrue(said.contains("|assistant:|toolResult:hi|assistant:hi|user:"), said);
        assertTrue(said.endsWith("|assistant:|toolResult:no result: the call was cut off|"), said);
    }

    // ---- stopping ----

    @Test
    void stopsTheToolWithItsRun() throws Exception {
        Path mark = folder.resolve("abort-mark");
        String run = send("abort", "!call=mark{\"text\":\"" + mark + "\"}");
        ToolKit.awaitFile(mark);
        client.call("chat.abort", Map.of("sessionKey", "abort"));
        assertEquals("aborted", end(run).text("state"));
        ToolKit.awaitFile(Path.of(mark + ".stopped"));
        assertEquals("hi", answer("abort", "!call=say{\"text\":\"hi\"}"), "the session goes on");
        assertEquals(List.of("user", "assistant", "user", "assistant", "toolResult", "assistant"),
                history("abort").stream().map(message -> message.text("role").orElse("")).toList());
    }

    @Test
    void neverRunsAgainWhatHasCalledATool(@TempDir Path other) throws Exception {
        ToolKit.writeTo(other.resolve("state/plugins"));
        Path mark = other.resolve("mark");
        try (GatewayProcess process = GatewayProcess.start(other); GatewayClient killed = process.connect()) {
            killed.call("chat.send", Json.of(Map.of("sessionKey", "s", "message",
                    "!call=mark{\"text\":\"" + mark + "\"}", "idempotencyKey", "k")), TestGateway.PATIENCE);
            ToolKit.awaitFile(mark);
            process.kill();
        }
        try (GatewayProcess process = GatewayProcess.start(other); GatewayClient again = process.connect()) {
            Json ended = again.call("agent.wait", Json.of(Map.of("runId", "k")), TestGateway.PATIENCE);
            assertEquals("interrupted", ended.text("stopReason").orElse(""));
            List<Json> messages = again.call("chat.history", Json.of(Map.of("sessionKey", "s")), TestGateway.PATIENCE)
                    .items("messages");
            assertEquals("toolUse", messages.get(1).text("stopReason").orElse(""), "what was called can be seen");
            assertEquals("interrupted", messages.get(2).text("stopReason").orElse(""));
        }
    }

    // ---- who hears of it ----

    private static RawSocket listening(int protocol, String caps) throws Exception {
        RawSocket raw = RawSocket.webSocketTo(gateway.port());
        raw.read();
        raw.text("""
                {"type":"req","id":"c","method":"connect","params":{"minProtocol":%d,"maxProtocol":%d,
                "client":{"id":"cli","version":"1","platform":"test","mode":"cli"},"role":"operator",
                "caps":[%s],"scopes":["operator.admin"],"auth":{"token":"%s"}}}"""
                .formatted(protocol, protocol, caps, TestGateway.TOKEN));
        raw.readUntil("\"id\":\"c\"");
        return raw;
    }

    /// The kinds of the steps of a run that a connection sees, as `stream phase`.
    private static Set<String> steps(RawSocket raw, String runId) throws Exception {
        Set<String> steps = new HashSet<>();
        String frame = "";
        while (!frame.contains("\"state\":\"final\"")) {
            frame = raw.readUntil("\"runId\":\"" + runId + "\"");
            for (String stream : List.of("tool", "item")) {
                if (frame.contains("\"stream\":\"" + stream + "\"")) {
                    steps.add(stream + (frame.contains("\"phase\":\"start\"") ? " start" : " end"));
                    assertFalse(frame.contains("\"result\":"), frame);
                }
            }
        }
        return steps;
    }

    private static void ask(RawSocket raw, String runId) throws Exception {
        ask(raw, "heard", runId);
    }

    private static void ask(RawSocket raw, String session, String runId) throws Exception {
        raw.text("{\"type\":\"req\",\"id\":\"q\",\"method\":\"chat.send\",\"params\":{\"sessionKey\":\"" + session
                + "\",\"message\":\"!call=say{\\\"text\\\":\\\"hi\\\"}\",\"idempotencyKey\":\"" + runId + "\"}}");
    }

    @Test
    void tellsOfToolsOnlyToThoseConcernedAndOfItemsToProtocol4() throws Exception {
        Set<String> all = Set.of("tool start", "tool end", "item start", "item end");
        Set<String> items = Set.of("item start", "item end");
        try (RawSocket asker = listening(4, "\"tool-events\"");
                RawSocket plain = listening(4, "");
                RawSocket stranger = listening(4, "\"tool-events\"");
                RawSocket follower = listening(4, "\"tool-events\"");
                RawSocket old = listening(3, "\"tool-events\"")) {
            follower.text("{\"type\":\"req\",\"id\":\"f\",\"method\":\"sessions.messages.subscribe\",\"params\":"
                    + "{\"key\":\"heard\"}}").readUntil("\"id\":\"f\"");
            ask(asker, "heard1");
            assertEquals(all, steps(asker, "heard1"));
            assertEquals(items, steps(plain, "heard1"));
            assertEquals(items, steps(stranger, "heard1"));
            assertEquals(all, steps(follower, "heard1"));
            assertEquals(Set.of(), steps(old, "heard1"));
            ask(old, "heard2");
            assertEquals(Set.of("tool start", "tool end"), steps(old, "heard2"));
            ask(plain, "heard3");
            assertEquals(items, steps(plain, "heard3"));
        }
    }

    @Test
    void tellsAsMuchOfToolsAsTheSessionWants() throws Exception {
        try (RawSocket asker = listening(4, "\"tool-events\"")) {
            client.call("sessions.patch", Map.of("key", "loud", "verboseLevel", "full"));
            ask(asker, "loud", "full");
            String told = asker.readUntil("\"phase\":\"result\"");
            assertTrue(told.contains("\"result\":{\"content\":[{") && told.contains("\"text\":\"hi\""), told);
            steps(asker, "full");
            client.call("sessions.patch", Map.of("key", "loud", "verboseLevel", "off"));
            ask(asker, "loud", "off");
            assertEquals(Set.of("item start", "item end"), steps(asker, "off"));
        }
    }

    @Test
    void tellsOfAToolBehindTheTextBeforeItAndBeforeTheEnd() throws Exception {
        try (RawSocket raw = listening(4, "\"tool-events\"")) {
            raw.text("{\"type\":\"req\",\"id\":\"q\",\"method\":\"chat.send\",\"params\":{\"sessionKey\":\"order\","
                    + "\"message\":\"so !call=wrong{}\",\"idempotencyKey\":\"order\"}}");
            Set<String> seen = new LinkedHashSet<>(); // the last words may be told on their own, or with the end
            while (!seen.contains("lifecycle end")) {
                Json data = JsonCodec
                        .read(JsonText.of(raw.readUntil("\"event\":\"agent\"")))
                        .at("payload").orElseThrow();
                String step = data.text("stream").orElse("") + " "
                        + data.at("data").flatMap(inner -> inner.text("phase")).orElse("");
                seen.add(step);
                if (step.equals("tool result")) {
                    assertEquals(true, data.at("data").flatMap(inner -> inner.flag("isError")).orElse(false));
                }
            }
            assertEquals(List.of("lifecycle start", "assistant ", "tool start", "item start", "tool result", "item end",
                    "lifecycle end"), List.copyOf(seen));
        }
    }
}
