package dev.chela.plugin.mcp;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Servers that are reached by streamable HTTP.
class McpHttpTest {

    @TempDir
    Path folder;
    private FakeHttp server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeHttp(folder, 0);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private McpGateway start() throws Exception {
        return start("");
    }

    private McpGateway start(String more) throws Exception {
        return McpGateway.configured(folder, "mcp: {servers: {web: {url: '" + server.url() + "', transport:"
                + " streamable-http, headers: {Authorization: 'Bearer t0ken', X-Of: test}" + more + "}}}");
    }

    @Test
    void callsAToolWithTheHeadersConfigured() throws Exception {
        try (McpGateway gateway = start().awaitTool("web__child")) {
            assertEquals("you said hi", gateway.invoke("web__echo"));
            assertTrue(server.requests.stream().allMatch(head -> "Bearer t0ken".equals(head.getFirst("authorization"))
                    && "test".equals(head.getFirst("x-of"))));
            assertEquals("tool_error: not today", gateway.invoke("web__wrong"));
        }
        assertTrue(server.requests.stream().skip(1).anyMatch(head -> "s1".equals(head.getFirst("mcp-session-id"))));
    }

    @Test
    void readsAnswersThatAreStreams() throws Exception {
        server.streams();
        try (McpGateway gateway = start().awaitTool("web__child")) {
            assertEquals("you said hi", gateway.invoke("web__echo"));
        }
    }

    @Test
    void saysWhichStatusAnAnswerHad() throws Exception {
        try (McpGateway gateway = start().awaitTool("web__child")) {
            server.refusesWith(302);
            assertEquals("tool_error: MCP server 'web': it answers with HTTP 302; redirects are not followed, its url"
                    + " must be where it is", gateway.invoke("web__echo"));
            server.refusesWith(0);
            gateway.awaitAnswer("web__echo", "you said hi");
            server.refusesWith(500);
            String said = gateway.invoke("web__echo");
            assertTrue(said.contains("it answers with HTTP 500"), said);
            server.refusesWith(401);
            said = gateway.invoke("web__echo");
            assertTrue(said.contains("it answers with HTTP"), said);
            server.refusesWith(0);
            gateway.awaitAnswer("web__echo", "you said hi");
        }
    }

    @Test
    void comesBackWhenAServerDoes() throws Exception {
        try (McpGateway gateway = start().awaitTool("web__child")) {
            int port = server.port();
            server.close();
            String said = gateway.invoke("web__echo");
            assertTrue(said.startsWith("tool_error: MCP server 'web': ") || said.contains("not connected"), said);
            server = new FakeHttp(folder, port);
            gateway.awaitAnswer("web__echo", "you said hi");
        }
    }

    @Test
    void beginsAnewWithAServerThatForgotTheSession() throws Exception {
        try (McpGateway gateway = start().awaitTool("web__child")) {
            server.forgets();
            gateway.awaitAnswer("web__echo", "you said hi");
        }
    }

    @Test
    void cancelsACallThatTakesTooLong() throws Exception {
        server.streams();
        try (McpGateway gateway = start(", timeout: 1").awaitTool("web__child")) {
            String said = gateway.invoke("web__hang");
            assertTrue(said.startsWith("tool_error: tool 'web__hang' took longer than 1000 ms"), said);
            assertEquals(McpGateway.awaitMark(folder.resolve("hanging")),
                    McpGateway.awaitMark(folder.resolve("cancelled")));
        }
    }
}
