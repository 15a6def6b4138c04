package dev.chela.plugin.mcp;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Servers that are programs.
class McpStdioTest {

    @TempDir
    Path folder;
    private Path marks;

    @BeforeEach
    void makeMarks() throws Exception {
        marks = Files.createDirectory(folder.resolve("marks"));
    }

    private McpGateway start(String more) throws Exception {
        return McpGateway.configured(folder, "mcp: {servers: {fake: " + McpGateway.program(marks, more) + "}}")
                .awaitTool("fake__child");
    }

    private static List<Json> effective(McpGateway gateway) throws Exception {
        return gateway.client().call("tools.effective", Map.of("sessionKey", "main")).items("groups");
    }

    @Test
    void offersTheToolsOfAProgramPageByPage() throws Exception {
        try (McpGateway gateway = start("")) {
            assertEquals(List.of("fake__echo", "fake__mixed", "fake__structured", "fake__wrong", "fake__refuse",
                    "fake__die", "fake__hang", "fake__change", "fake__long", "fake__huge", "fake__garbage",
                    "fake__environment", "fake__child", "fake__unknown_type"), gateway.tools(), "all but the fat one");
            Json group = effective(gateway).getFirst();
            Json row = group.items("tools").getLast();
            assertEquals("mcp", group.text("id").orElse(""));
            assertEquals("mcp", row.text("source").orElse(""));
            assertEquals("mcp", row.text("pluginId").orElse(""));
            assertEquals("fake", row.text("mcpServer").orElse(""));
            assertEquals("unknown type", row.text("mcpToolName").orElse(""));
            assertEquals("Does unknown type.", row.text("description").orElse(""));
        }
    }

    @Test
    void callsATool() throws Exception {
        try (McpGateway gateway = start("")) {
            assertEquals("you said hi", gateway.invoke("fake__echo"));
            assertEquals("mcp", gateway.client().call("tools.invoke", Map.of("name", "fake__echo")).text("source")
                    .orElse(""));
            assertEquals("{\"answer\":42}", gateway.invoke("fake__structured"));
            assertEquals("""
                    first
                    [image, image/png, 4 bytes]
                    [audio, audio/wav, 3 bytes]
                    [resource a:b]
                    inside
                    [resource a:c, 3 bytes]
                    [resource a:d, there]""", gateway.invoke("fake__mixed"));
        }
    }

    @Test
    void tellsWhatCouldNotBeDone() throws Exception {
        try (McpGateway gateway = start("")) {
            assertEquals("tool_error: not today", gateway.invoke("fake__wrong"));
            assertEquals("tool_error: MCP server 'fake': it refuses: no such luck (-32000)",
                    gateway.invoke("fake__refuse"));
            assertEquals("tool_error: MCP server 'fake': it does not keep to the protocol, or the line broke: no"
                    + " Content has the type 'smell'", gateway.invoke("fake__unknown_type"));
            assertEquals("not_found: Tool not available: fake__nothing", gateway.invoke("fake__nothing"));
        }
    }

    @Test
    void callsOnlyWhatRulesAndFiltersPermit() throws Exception {
        try (McpGateway gateway = McpGateway.configured(folder, """
                tools: {deny: [fake__die]}
                agents: {list: [{id: main}, {id: other, tools: {deny: [mcp]}}]}
                mcp: {servers: {fake: %s, off: {command: /nowhere, enabled: false}}}
                """.formatted(McpGateway.program(marks, ", toolFilter: {include: ['e*', die], exclude: [envi*]}")))
                .awaitTool("fake__echo")) {
            assertEquals(List.of("fake__echo", "fake__die"), gateway.tools());
            assertEquals("not_found: Tool not available: fake__die", gateway.invoke("fake__die"));
            assertEquals(List.of(), gateway.client().call("tools.effective",
                    Map.of("sessionKey", "agent:other:main")).items("groups"));
        }
    }

    @Test
    void outlivesAServerThatDiesInACall() throws Exception {
        Path others = Files.createDirectory(folder.resolve("others"));
        try (McpGateway gateway = McpGateway.configured(folder, "mcp: {servers: {fake: " + McpGateway.program(marks, "")
                + ", other: " + McpGateway.program(others, "") + "}}").awaitTool("fake__child")
                .awaitTool("other__child")) {
            assertEquals("tool_error: MCP server 'fake': it ended with exit code 3", gateway.invoke("fake__die"));
            assertTrue(gateway.invoke("fake__echo").contains("it ended with exit code 3"));
            assertEquals("you said hi", gateway.invoke("other__echo"));
            gateway.awaitAnswer("fake__echo", "you said hi");
            assertEquals(2, McpGateway.awaitMark(marks.resolve("started")).size());
            assertEquals(1, McpGateway.awaitMark(others.resolve("started")).size());
        }
    }

    @Test
    void followsToolsThatChange() throws Exception {
        try (McpGateway gateway = start("")) {
            assertEquals("changed", gateway.invoke("fake__change"));
            gateway.awaitTool("fake__extra");
            assertFalse(gateway.tools().contains("fake__mixed"));
            assertEquals("did it", gateway.invoke("fake__extra"));
        }
    }

    @Test
    void cancelsACallThatTakesTooLong() throws Exception {
        try (McpGateway gateway = start(", timeout: 1")) {
            assertEquals("tool_error: tool 'fake__hang' took longer than 1000 ms and was stopped",
                    gateway.invoke("fake__hang"));
            assertEquals(McpGateway.awaitMark(marks.resolve("hanging")),
                    McpGateway.awaitMark(marks.resolve("cancelled")));
            gateway.awaitAnswer("fake__echo", "you said hi");
        }
    }

    @Test
    void cancelsACallThatNobodyWaitsFor() throws Exception {
        try (McpGateway gateway = start("")) {
            TestGateway.Client caller = gateway.gateway().admin();
            var call = Thread.ofVirtual().start(() -> {
                try {
                    caller.call("tools.invoke", Map.of("name", "fake__hang"));
                } catch (Exception e) {
                    Thread.currentThread().interrupt(); // what it waits for never comes
                }
            });
            List<String> hanging = McpGateway.awaitMark(marks.resolve("hanging"));
            caller.close();
            assertEquals(hanging, McpGateway.awaitMark(marks.resolve("cancelled")));
            call.interrupt();
            call.join();
        }
    }

    @Test
    void passesOverLinesThatAreNoMessages() throws Exception {
        try (McpGateway gateway = start("")) {
            assertEquals("did it", gateway.invoke("fake__garbage"));
            assertEquals("you said hi", gateway.invoke("fake__echo"));
        }
    }

    @Test
    void limitsWhatAServerSays() throws Exception {
        try (McpGateway gateway = start("")) {
            assertTrue(gateway.invoke("fake__long").endsWith(" of 1048576 characters]"));
            assertEquals("tool_error: MCP server 'fake': it sent a message of more than 8 MiB",
                    gateway.invoke("fake__huge"));
            gateway.awaitAnswer("fake__echo", "you said hi");
        }
    }

    @Test
    void givesProgramsNothingOfTheGatewaysEnvironmentButWhatAllNeed() throws Exception {
        try (McpGateway gateway = McpGateway.configured(folder, "mcp: {servers: {fake: " + McpGateway.program(marks,
                ", env: {GIVEN: '${OF_GATEWAY}'}") + "}}",
                options -> options.withEnvironment(
                        Map.of("OF_GATEWAY", "s3cr3t", "HOME", "/home/crab")))
                .awaitTool("fake__environment")) {
            String said = gateway.invoke("fake__environment");
            assertTrue(said.contains("GIVEN=s3cr3t") && said.contains("HOME=/home/crab"), said);
            assertFalse(said.contains("OF_GATEWAY"), said);
            String shown = gateway.client().call("config.get").plain() + "";
            assertTrue(shown.contains("GIVEN=__OPENCLAW_REDACTED__") && !shown.contains("s3cr3t"), shown);
        }
    }

    @Test
    void isPartOfTheGatewaysHealth() throws Exception {
        try (McpGateway gateway = McpGateway.configured(folder, "mcp: {servers: {good: " + McpGateway.program(marks,
                ", toolFilter: {include: [echo]}") + ", bad: {command: /nowhere}}}").awaitTool("good__echo")) {
            String health = "";
            long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
            while (!health.contains("not connected: '/nowhere' cannot be started")) {
                assertTrue(System.nanoTime() < end, health);
                health = gateway.client().call("health", Map.of("probe", true)).plain() + "";
            }
            assertTrue(health.matches("(?s).*good=\\{state=[^}]*ok.*"), health);
        }
    }

    @Test
    void leavesNoProgramBehind() throws Exception {
        long grandchild;
        long child;
        try (McpGateway gateway = start("")) {
            grandchild = Long.parseLong(gateway.invoke("fake__child"));
            child = Long.parseLong(McpGateway.awaitMark(marks.resolve("started")).getFirst());
            assertTrue(ProcessHandle.of(grandchild).orElseThrow().isAlive());
        }
        for (long pid : new long[]{child, grandchild}) {
            assertTrue(ProcessHandle.of(pid).flatMap(one -> one.info().command()).isEmpty(), "process " + pid);
        }
    }
}
