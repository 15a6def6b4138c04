package dev.chela.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonReader;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.json.Problem;
import dev.chela.runtime.testing.Refused;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ConfigFileTest {

    @TempDir
    Path folder;

    private ConfigSnapshot read(String name, String text) throws IOException {
        return ConfigFile.read(Files.writeString(folder.resolve(name), text), Map.of("SECRET", "s3cr3t", "EMPTY", ""),
                "ofPlugin"::equals);
    }

    private List<String> problems(String name, String text) {
        ConfigException e = assertThrows(ConfigException.class, () -> read(name, text));
        return e.problems().stream().map(Problem::forPerson).toList();
    }

    @Test
    void namesPathValueAndExpectationOfEverythingWrong() {
        assertEquals(List.of("gateway.port: must be <= 65535, found 70000",
                "gateway.bind: must be equal to one of the allowed values, found \"everywhere\"",
                "gateway: unexpected property 'prot'", "agents.list.0: must have required property 'id'",
                "agents.defaults.model: a model is named provider/model, not 'gpt'",
                "<root>: unexpected property 'wizard'"), problems("chela.yaml", """
                        gateway: {port: 70000, bind: everywhere, prot: 1}
                        agents: {list: [{name: x}], defaults: {model: gpt}}
                        wizard: {}
                        """));
        assertEquals(List.of("<root>: a binding names agent 'ghost', which is not in agents.list"),
                problems("chela.yaml", "bindings: [{agentId: ghost, match: {channel: line}}]"));
        assertEquals(List.of("plugins.entries.p.hooks: timeouts.RunStarting must be from 1 to 600000, not 0"), problems(
                "chela.yaml", "plugins: {entries: {p: {hooks: {timeouts: {RunStarting: 0}}}}}"));
    }

    @Test
    void warnsOfWhatOnlyTheOriginalUsesAndRefusesWhatNobodyKnows() throws IOException {
        ConfigSnapshot snapshot = read("openclaw.json",
                """
                        {wizard: {x: 1}, session: {scope: 'global'}, cron: {store: 'x'}, gateway: {port: 1, tls: {}}, agents: {list: [{id: 'a', tools: {exec: {}}}]},
                         models: {providers: {p: {baseUrl: 'http://x', headers: {}, models: [{id: 'm', cost: {}}]}}}}""");
        assertEquals(List.of("wizard is not used by this gateway", "session.scope is not used by this gateway",
                "cron.store is not used by this gateway", "gateway.tls is not used by this gateway",
                "agents.list[].tools.exec is not used by this gateway",
                "models.providers.*.headers is not used by this gateway",
                "models.providers.*.models[].cost is not used by this gateway"), snapshot.warnings());
        assertEquals(List.of("gateway: unexpected property 'prot'"),
                problems("openclaw.json", "{gateway: {prot: 1}}"));
    }

    @Test
    void keepsASectionThatBelongsToAPlugin() throws IOException {
        assertEquals("{ofPlugin={a=s3cr3t}}",
                read("chela.yaml", "ofPlugin: {a: '${SECRET}'}").config().sections().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().plain()))
                        .toString());
        assertEquals(List.of("gateway.port: must be integer, found \"x\"", "<root>: unexpected property 'other'"),
                problems("chela.yaml", "other: 1\nofPlugin: 1\ngateway: {port: x}"));
        ConfigSnapshot foreign = ConfigFile.read(Files.writeString(folder.resolve("openclaw.json"), """
                {mcp: {sessionIdleTtlMs: 1, servers: {'a.b': {command: 'x', codex: {}}}}}"""), Map.of(), "mcp"::equals);
        assertEquals(List.of("mcp.sessionIdleTtlMs is not used by this gateway",
                "mcp.servers.a.b.codex is not used by this gateway"), foreign.warnings());
        assertEquals("{servers={a.b={command=x}}}",
                Objects.requireNonNull(foreign.config().sections().get("mcp")).plain() + "");
    }

    @Test
    void putsVariablesIn() throws IOException {
        Config config = read("chela.yaml", "gateway: {auth: {token: '${SECRET}'}}\nagents: {defaults:"
                + " {systemPrompt: 'cost: $${SECRET} $5 ${lower}'}}").config();
        assertEquals("s3cr3t", Objects.requireNonNull(config.auth().token()).value());
        assertEquals("cost: ${SECRET} $5 ${lower}", config.agentDefaults().systemPrompt());
        assertEquals(List.of("gateway.auth.token: needs the environment variable MISSING, found none",
                "gateway.auth.password: needs the environment variable EMPTY, found none"),
                problems("chela.yaml", "gateway: {auth: {token: 'x${MISSING}', password: '${EMPTY}'}}"));
    }

    @Test
    void takesAModelByItsNameOrAsAnObject() throws IOException {
        for (String model : List.of("a/b", "{primary: a/b}")) {
            Config config = read("chela.yaml", "agents: {defaults: {model: " + model + "}}").config();
            assertEquals("a/b", Objects.requireNonNull(config.agentDefaults().model()).primary());
        }
    }

    @Test
    void refusesAModeThatIsNoGateway() {
        assertTrue(problems("chela.yaml", "gateway: {mode: remote}").getFirst().contains("mode 'remote'"));
    }

    @Test
    void findsTheOneFileOfAFolder() throws IOException {
        assertEquals(folder.resolve("chela.yaml"), ConfigFile.locate("", folder));
        Files.writeString(folder.resolve("openclaw.json"), "{}");
        assertEquals(folder.resolve("openclaw.json"), ConfigFile.locate("", folder));
        Files.writeString(folder.resolve("chela.yaml"), "");
        assertTrue(Refused.with(ConfigException.class, () -> ConfigFile.locate("", folder)).contains("both"));
        assertThrows(ConfigException.class, () -> ConfigFile.locate(folder.resolve("nowhere.yaml").toString(), folder));
    }

    @Test
    void countsAnAbsentOrEmptyFileAsNothingConfigured() throws IOException {
        assertFalse(ConfigFile.read(folder.resolve("chela.yaml"), Map.of(), _ -> false).exists());
        assertEquals(Config.EMPTY, read("chela.yaml", "# nothing yet\n").config());
    }

    @Test
    void neverOpensWhatIsNoFileOrTooLarge() throws Exception {
        Path pipe = folder.resolve("pipe.yaml");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (Path odd : List.of(pipe, Files.createDirectory(folder.resolve("dir.yaml")))) {
            assertTrue(Refused.with(ConfigException.class, () -> ConfigFile.read(odd, Map.of(), _ -> false))
                    .contains("no regular file"));
        }
        Path large = Files.writeString(folder.resolve("large.yaml"), "x: " + "y".repeat(ConfigFile.MAX_BYTES));
        assertTrue(Refused.with(ConfigException.class, () -> ConfigFile.read(large, Map.of(), _ -> false))
                .contains("more than"));
    }

    @Test
    void saysWhereAFileIsMalformed() {
        assertTrue(problems("openclaw.json", "{a: 1,\n b: }").getFirst().contains("line 2"));
        assertTrue(problems("chela.yaml", "a: [1\nb: 2").getFirst().contains("line "));
        assertTrue(problems("chela.yaml", "\u0000\u0001\u0002").getFirst().contains("malformed"));
    }

    @Test
    void hidesSecretsByWhereTheyStand() {
        Json shown = Redaction.redact(JsonReader.JSON5.read(JsonText.of("""
                {gateway: {auth: {token: 'x'}, port: 1}, models: {providers: {p: {apiKey: 'y', baseUrl: 'http://x'}}},
                 plugins: {entries: {q: {config: {maxTokens: 5, apiKey: 'z', nested: [{password: 'w'}], text: 'x'}}}},
                 channels: {t: {botToken: '1:2'}}, env: {vars: {FOO: 'v'}}}""")), Map.of());
        String text = shown.plain() + "";
        assertEquals("{gateway={auth={token=__OPENCLAW_REDACTED__}, port=1},"
                + " models={providers={p={apiKey=__OPENCLAW_REDACTED__, baseUrl=http://x}}},"
                + " plugins={entries={q={config={maxTokens=5, apiKey=__OPENCLAW_REDACTED__,"
                + " nested=[{password=__OPENCLAW_REDACTED__}], text=x}}}},"
                + " channels={t={botToken=__OPENCLAW_REDACTED__}}, env={vars={FOO=__OPENCLAW_REDACTED__}}}", text);
        assertEquals("{models={providers={p={headers={Authorization=__OPENCLAW_REDACTED__}}}}}",
                Redaction.redact(JsonReader.JSON5.read(JsonText.of(
                        "{models: {providers: {p: {headers: {Authorization: 'Bearer x'}}}}}")), Map.of()).plain() + "");
        assertEquals("{mcp={servers={a={url=http://x, headers={X-Any=__OPENCLAW_REDACTED__},"
                + " env={B=__OPENCLAW_REDACTED__}}}}}",
                Redaction.redact(JsonReader.JSON5.read(JsonText.of(
                        "{mcp: {servers: {a: {url: 'http://x', headers: {'X-Any': 'c'}, env: {B: 'd'}}}}}")), Map.of())
                        .plain()
                        + "");
    }
}
