package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;
import dev.chela.runtime.testing.ToolKit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Tools that clients call in an agent's place, and tools that are refused before anybody can.
class ToolMethodsWireTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        ToolKit.writeTo(dropped());
        TestGateway.write(folder.resolve("state/chela.yaml"), "tools: {deny: [crash]}");
        gateway = TestGateway.start(folder);
        client = gateway.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private Path dropped() {
        return folder.resolve("state/plugins");
    }

    private static String said(Json outcome) {
        String code = outcome.at("error").flatMap(error -> error.text("code")).orElse("");
        return outcome.flag("ok").orElse(false)
                ? outcome.at("output").orElseThrow().items("content").getFirst().text("text").orElse("")
                : code + ": " + outcome.at("error").orElseThrow().text("message").orElse("");
    }

    private String invoke(String name, Map<String, ?> more) throws Exception {
        Map<String, Object> params = new LinkedHashMap<>(more);
        params.put("name", name);
        Json outcome = client.call("tools.invoke", params);
        assertEquals(name, outcome.text("toolName").orElse(""));
        return said(outcome);
    }

    @Test
    void callsAToolForAClient() throws Exception {
        assertEquals("{\"sum\":3}", invoke("sum", Map.of("args", Map.of("a", 1, "b", 2))));
        assertTrue(invoke("who", Map.of("sessionKey", "work")).startsWith("agent:main:work "));
        assertTrue(invoke("who", Map.of()).endsWith(" none"), "there is no run");
        assertEquals("tool_error: not today", invoke("wrong", Map.of()));
        assertEquals("tool_error: invalid arguments of tool 'sum': must have required property 'a'; must have required"
                + " property 'b'", invoke("sum", Map.of()));
        assertEquals("tool_error: tool 'slow' took longer than 100 ms and was stopped", invoke("slow", Map.of()));
    }

    @Test
    void saysTheSameOfAToolThatIsForbiddenAsOfNone() throws Exception {
        assertEquals("not_found: Tool not available: crash", invoke("crash", Map.of()));
        assertEquals("not_found: Tool not available: nope", invoke("nope", Map.of()));
    }

    @Test
    void letsOnlyThoseCallWhoMayWrite() throws Exception {
        try (Client reader = gateway.with("operator.read")) {
            reader.call("tools.catalog");
            assertEquals("missing scope: operator.write",
                    reader.refused("tools.invoke", Map.of("name", "nothing")).getMessage());
        }
        assertEquals("invalid tools.invoke params: at /args: must be object",
                client.refused("tools.invoke", Map.of("name", "sum", "args", List.of(1))).getMessage());
        assertEquals("unknown agent id \"nobody\"",
                client.refused("tools.invoke", Map.of("name", "sum", "agentId", "nobody")).getMessage());
    }

    @Test
    void callsOnceHoweverOftenOneKeyIsSent() throws Exception {
        assertEquals("1", invoke("count", Map.of("idempotencyKey", "k")));
        assertEquals("1", invoke("count", Map.of("idempotencyKey", "k")));
        assertEquals("2", invoke("count", Map.of("idempotencyKey", "other")));
        assertEquals("3", invoke("count", Map.of()));
        assertEquals("idempotencyKey 'k' was used for another request",
                client.refused("tools.invoke", Map.of("name", "nothing", "idempotencyKey", "k")).getMessage());
    }

    @Test
    void stopsAToolWhoseClientIsGone() throws Exception {
        Path mark = folder.resolve("mark");
        try (Client other = gateway.admin()) {
            other.client().begin("tools.invoke",
                    Json.of(Map.of("name", "mark", "args", Map.of("text", mark.toString()))));
            ToolKit.awaitFile(mark);
        }
        ToolKit.awaitFile(Path.of(mark + ".stopped"));
    }

    @Test
    void limitsHowManyToolsAConnectionHasAtWork() throws Exception {
        List<GatewayClient.Pending> begun = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            begun.add(client.client().begin("tools.invoke", Json.of(
                    Map.of("name", "mark", "args", Map.of("text", folder.resolve("mark" + i).toString())))));
        }
        try {
            begun.getLast().get(TestGateway.PATIENCE);
            throw new AssertionError("the last one was taken");
        } catch (ClientException e) {
            assertEquals("UNAVAILABLE this connection has 16 tools at work already; try again",
                    e.code() + " " + e.getMessage());
        }
        try (Client other = gateway.admin()) {
            assertEquals("hi", said(other.call("tools.invoke", Map.of("name", "say", "args", Map.of("text", "hi")))));
        }
    }

    // ---- registration ----

    private static String tool(String name, String description) {
        return "r.tool(Tool.of(\"" + name + "\", \"" + description + "\", NoParams.class, (p, call) -> 1));";
    }

    @Test
    void refusesPluginsWhoseToolsBreakARule() throws Exception {
        Map<String, String> plugins = new LinkedHashMap<>();
        plugins.put(tool("a.b", "d"), "tool 'a.b' has no proper name");
        plugins.put(tool("x".repeat(65), "d"), "tool '" + "x".repeat(65) + "' has no proper name");
        plugins.put(tool("silent", " "), "tool 'silent' has no description of 1 to 4096 characters");
        plugins.put(tool("twice", "d") + tool("twice", "d"), "tool 'twice' is registered twice");
        plugins.put(tool("sum", "d"), "tool 'sum' belongs to plugin 'kit'");
        plugins.put("r.tool(Tool.of(\"list\", \"d\", Json.of(List.of()), (p, call) -> 1));",
                "the schema of tool 'list' is no object");
        plugins.put("r.tool(Tool.of(\"wide\", \"d\", Json.of(Map.of(\"x\", \"y\".repeat(70_000))), (p, call) -> 1));",
                "the schema of tool 'wide' is larger than 64 KiB");
        plugins.put("record P(Thread t) {} r.tool(Tool.of(\"formless\", \"d\", P.class, (p, call) -> 1));",
                "component 't' of test.Pluginz7$1P: no JSON form for java.lang.Thread");
        plugins.put("r.tool(Tool.of(\"late\", \"d\", NoParams.class, (p, call) -> 1)"
                + ".within(java.time.Duration.ofMinutes(11)));",
                "the time limit of a tool must be from 1 ms to 10 minutes: PT11M");
        plugins.put("for (int i = 0; i < 501; i++) { " + tool("t\" + i + \"", "d") + " }",
                "more than 500 of the kind tool");
        List<String> expected = new ArrayList<>();
        for (Map.Entry<String, String> plugin : plugins.entrySet()) {
            PluginJar.registering("z" + expected.size(), plugin.getKey()).writeTo(dropped(),
                    "z" + expected.size() + ".jar");
            expected.add("register failed: " + plugin.getValue());
        }
        gateway.close();
        gateway = TestGateway.start(folder);
        List<String> reasons = gateway.gateway().plugins().stream().filter(report -> report.isRefused())
                .map(report -> String.valueOf(report.reason())).toList();
        assertEquals(expected, reasons);
    }
}
