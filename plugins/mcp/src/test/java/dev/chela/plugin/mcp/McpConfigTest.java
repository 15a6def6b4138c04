package dev.chela.plugin.mcp;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What may stand under `mcp`, and that nothing is loaded while nothing stands there.
class McpConfigTest {

    @TempDir
    Path folder;

    private String report(String config) throws Exception {
        try (McpGateway gateway = McpGateway.configured(folder, config)) {
            assertEquals(List.of(), gateway.tools());
            return gateway.report();
        }
    }

    @Test
    void isNotNeededWithoutServers() throws Exception {
        for (String config : List.of("", "mcp:", "mcp: {servers: {}}", "plugins: {entries: {mcp: {config: {}}}}")) {
            assertEquals("disabled: not needed: nothing is configured in mcp", report(config), config);
        }
    }

    @Test
    void startsWhateverItsServersDo() throws Exception {
        assertEquals("loaded: null",
                report("mcp: {servers: {a: {command: /nowhere}, b: {url: 'http://127.0.0.1:1'}}}"));
        assertEquals("loaded: null", report("plugins: {entries: {mcp: {config: {servers: {a: {command: /no}}}}}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{timeout: 5}                                        | a: a server has either a command or a url",
            "{command: x, url: 'http://h'}                       | a: a server has either a command or a url",
            "{command: x, comand: y}                             | a: unexpected property 'comand'",
            "{command: x, headers: {A: b}}                       | a: headers go with a url, not a command",
            "{url: 'http://h', args: [x]}                        | a: args, env and cwd go with a command, not a url",
            "{url: 'http://h', transport: sse}                   | a.transport: must be equal to one of the allowed"
                    + " values, found \"sse\"",
            "{url: 'http://h', transport: stdio}                 | a: transport 'stdio' does not go with a url",
            "{url: 'ftp://h'}                                    | a: url must be http://host or https://host, without"
                    + " a password",
            "{url: 'http://u:p@h'}                               | a: url must be http://host or https://host, without"
                    + " a password",
            "{url: 'http://h', headers: {Host: b}}               | a: the header 'Host' is not yours to set",
            "{url: 'http://h', headers: {A: \"b\\nc\"}}          | a: 'A' is no proper header",
            "{command: x, env: {'A=B': c}}                       | a: 'A=B' is no proper variable",
            "{command: x, timeout: 601}                          | a.timeout: must be <= 600, found 601"})
    void saysWhereAndWhatIsWrong(String server, String problem) throws Exception {
        assertEquals("refused: register failed: mcp.servers." + problem, report("mcp: {servers: {a: " + server + "}}"));
    }

    @Test
    void limitsServersAndTheirNames() throws Exception {
        String many = IntStream.range(0, 33).mapToObj(i -> "s" + i + ": {command: x}")
                .collect(Collectors.joining(", "));
        assertTrue(report("mcp: {servers: {" + many + "}}").endsWith("mcp.<root>: there are 33 servers, more than 32"));
        assertTrue(report("mcp: {servers: {" + "x".repeat(41) + ": {command: x}}}").contains("has 1 to 40 characters"));
    }

    @Test
    void hasItsSettingsInOnePlace() throws Exception {
        assertEquals("refused: register failed: both mcp and plugins.entries.mcp.config are configured; keep one",
                report("mcp: {servers: {a: {command: /no}}}\nplugins: {entries: {mcp: {config: {servers: {}}}}}"));
    }

    @Test
    void readsTheOriginalsFile() throws Exception {
        TestGateway.write(folder.resolve("state/openclaw.json"),
                """
                        {mcp: {sessionIdleTtlMs: 5, servers: {a: {url: 'http://127.0.0.1:1', sslVerify: true, timeout: 20}}}}""");
        try (McpGateway gateway = McpGateway.start(folder, options -> options)) {
            assertEquals("loaded: null", gateway.report());
        }
    }
}
