package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Tools that come and go while their plugin runs.
class ShelvesWireTest {

    /// Two shelves, filled by a method: each name becomes a tool that says it.
    private static final String SOURCE = """
            record Names(String shelf, List<String> names) {}
            record None() {}

            static Tool<?> tool(String name) {
                Json form = Json.of(Map.of("type", "object", "$comment", "x".repeat(name.equals("fat") ? 70000 : 1)));
                Tool<Json> tool = Tool.of(name, name.equals("mute") ? " " : "Says " + name, form, (p, call) -> name);
                return name.equals("far") ? tool.from(new Tool.Origin(Tool.Origin.MCP, "there", "remote")) : tool;
            }

            @Override public void register(Registrar r) {
                r.tool(Tool.of("fixed", "Stays.", None.class, (p, call) -> "for good"));
                Map<String, ToolShelf> shelves = Map.of("a", r.tools("a"), "b", r.tools("b"));
                r.method(Method.of("shelf.fill", Scope.WRITE, Names.class, (p, call) ->
                        shelves.get(p.shelf()).offer(p.names().stream().map(x -> tool(x)).toList())));
                shelves.get("a").offer(List.of(tool("early")));
            }
            """;

    @TempDir
    Path folder;

    private TestGateway start(String config) throws Exception {
        PluginJar.of("shop", SOURCE).writeTo(folder.resolve("state/plugins"), "shop.jar");
        TestGateway.write(folder.resolve("state/chela.yaml"), config);
        return TestGateway.start(folder);
    }

    private static List<Object> fill(Client client, String shelf, String... names) throws Exception {
        Object left = client.call("shelf.fill", Map.of("shelf", shelf, "names", List.of(names))).plain();
        return left instanceof List<?> list ? List.copyOf(list) : List.of("" + left);
    }

    private static List<String> offered(Client client) throws Exception {
        return client.call("tools.effective", Map.of("sessionKey", "main")).items("groups").stream()
                .flatMap(group -> group.items("tools").stream()).map(tool -> tool.text("id").orElseThrow()).toList();
    }

    private static String say(Client client, String name) throws Exception {
        Json outcome = client.call("tools.invoke", Map.of("name", name));
        return outcome.at("output").map(output -> output.items("content").getFirst().text("text").orElse(""))
                .orElse("none");
    }

    @Test
    void offersWhatLiesOnAShelfNow() throws Exception {
        try (TestGateway gateway = start(""); Client client = gateway.admin()) {
            assertEquals(List.of("fixed", "early"), offered(client));
            assertEquals(List.of(), fill(client, "a", "one", "two"));
            assertEquals(List.of("fixed", "one", "two"), offered(client));
            assertEquals("two", say(client, "two"));
            assertEquals(List.of(), fill(client, "a", "two"));
            assertEquals("none", say(client, "one"));
        }
    }

    @Test
    void leavesOutWhatBreaksARuleOrHasANameThatIsTaken() throws Exception {
        try (TestGateway gateway = start(""); Client client = gateway.admin()) {
            fill(client, "a", "mine");
            assertEquals(List.of("tool 'no name' has no proper name",
                    "tool 'mute' has no description of 1 to 4096 characters",
                    "the schema of tool 'fat' is larger than 64 KiB", "tool 'good' is offered twice",
                    "tool 'fixed' is there already, from plugin 'shop'",
                    "tool 'mine' is there already, from plugin 'shop'"),
                    fill(client, "b", "no name", "mute", "fat", "good", "good", "fixed", "mine"));
            assertEquals(List.of("fixed", "mine", "good"), offered(client));
            assertEquals("for good", say(client, "fixed"));
            String[] many = new String[501];
            for (int i = 0; i < many.length; i++) {
                many[i] = "t" + i;
            }
            assertEquals(List.of("tool 't500' is one of more than 500"), fill(client, "b", many));
        }
    }

    @Test
    void holdsThemToTheRulesOfAgents() throws Exception {
        try (TestGateway gateway = start("tools: {deny: ['t*']}"); Client client = gateway.admin()) {
            fill(client, "a", "one", "two");
            assertEquals(List.of("fixed", "one"), offered(client));
            assertEquals("none", say(client, "two"));
        }
        TestGateway.write(folder.resolve("state/chela.yaml"), "tools: {deny: ['group:plugins']}");
        try (TestGateway gateway = TestGateway.start(folder); Client client = gateway.admin()) {
            fill(client, "a", "one");
            assertEquals(List.of(), offered(client));
        }
    }

    @Test
    void saysWhereAToolComesFrom() throws Exception {
        try (TestGateway gateway = start(""); Client client = gateway.admin()) {
            fill(client, "a", "far");
            Json groups = client.call("tools.effective", Map.of("sessionKey", "main"));
            assertEquals(List.of("plugin", "mcp"),
                    groups.items("groups").stream().map(group -> group.text("source").orElseThrow()).toList());
            Json row = groups.items("groups").getLast().items("tools").getFirst();
            assertEquals("there remote", row.text("mcpServer").orElse("") + " " + row.text("mcpToolName").orElse(""));
            assertEquals("mcp", client.call("tools.invoke", Map.of("name", "far")).text("source").orElse(""));
            assertTrue((client.call("plugins.list").plain() + "").contains("shelves=[a, b]"));
        }
    }
}
