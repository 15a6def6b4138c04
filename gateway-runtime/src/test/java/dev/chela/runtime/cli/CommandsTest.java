package dev.chela.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.chela.runtime.testing.Pictures;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The commands that ask a gateway, against a real one.
class CommandsTest {

    @TempDir
    Path folder;
    private TestGateway gateway;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void start() {
        PluginJar.registering("broken", "throw new IllegalStateException(\"no luck\");")
                .writeTo(folder.resolve("state/plugins"), "broken.jar");
        gateway = TestGateway.start(folder);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private String run(int code, String... args) {
        out.reset();
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--state-dir", folder.resolve("state").toString(), "--token", TestGateway.TOKEN));
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int actual = Main.run(stream, stream, Map.of(), all.toArray(String[]::new));
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(code, actual, said);
        return said;
    }

    @Test
    void findsTheRunningGatewayByItsFolder() {
        assertTrue(run(0, "gateway", "probe").startsWith("Reachable: ws://127.0.0.1:" + gateway.port()));
        assertTrue(run(0, "gateway", "probe", "--json").contains("\"protocol\":4"));
    }

    @Test
    void showsHealthAndStatus() {
        assertTrue(run(0, "gateway", "health").startsWith("DEGRADED"));
        assertTrue(run(0, "gateway", "health", "--json").contains("\"ok\":true"));
        assertTrue(run(0, "gateway", "status").contains("Connections  1"));
        assertTrue(run(0, "gateway", "status", "--json").contains("\"runtimeVersion\""));
    }

    @Test
    void callsAnyMethod() {
        assertTrue(run(0, "gateway", "call", "agents.list").contains("\n  \"defaultId\": \"main\""));
        assertTrue(run(0, "gateway", "call", "agents.list", "--json").startsWith("{\"defaultId\":\"main\""));
        assertTrue(run(1, "gateway", "call", "no.such").contains("INVALID_REQUEST: unknown method: no.such"));
        assertTrue(run(2, "gateway", "call", "health", "--params", "{").contains("--params is no JSON"));
        assertTrue(run(0, "gateway", "call", "agent", "--expect-final", "--json", "--params",
                "{\"message\":\"hi\",\"idempotencyKey\":\"k\"}").contains("\"status\":\"ok\""));
    }

    @Test
    void printsTheAnswerOfAnAgent() {
        assertEquals("hello from here\n", run(0, "agent", "--message", "hello from here"));
        assertTrue(run(1, "agent", "-m", "so far !hang", "--answer-timeout", "1").contains("stopped before its end"));
        assertTrue(run(1, "agent", "-m", "!fail").contains("the provider says no"));
        assertTrue(run(0, "agent", "-m", "x", "--json", "--session", "other").contains("\"summary\":\"completed\""));
    }

    @Test
    void sendsFilesAlong() throws IOException {
        byte[] crab = Pictures.png(3000, 1);
        String picture = Files.write(folder.resolve("crab.png"), crab).toString();
        String notes = TestGateway.write(folder.resolve("notes.txt"), "sideways").toString();
        assertEquals(Pictures.said("crab.png", "image/png", true, crab)
                + Pictures.said("notes.txt", "text/plain", false, "sideways".getBytes(StandardCharsets.UTF_8)) + "\n",
                run(0, "agent", "-m", "!attached", "--attach", picture, "--attach", notes));
        assertEquals("\n", run(0, "agent", "--attach", picture));
    }

    @Test
    void namesAFileThatCannotGoAlongBeforeItSendsAnything() throws IOException {
        String missing = folder.resolve("missing.png").toString();
        assertTrue(run(2, "agent", "-m", "x", "--attach", missing)
                .contains("--attach: '" + missing + "' does not exist"));
        assertTrue(run(2, "agent", "-m", "x", "--attach", folder.toString()).contains("is a folder, not a file"));
        String empty = Files.createFile(folder.resolve("empty")).toString();
        assertTrue(run(2, "agent", "-m", "x", "--attach", empty).contains("' is empty"));
        String picture = Files.write(folder.resolve("large.png"), Pictures.png(6_291_457, 2)).toString();
        assertTrue(run(2, "agent", "-m", "x", "--attach", picture)
                .contains("has 6291457 bytes; the gateway takes an image of at most 6291456"));
        String file = Files.write(folder.resolve("large.zip"), new byte[19_464_193]).toString();
        assertTrue(run(2, "agent", "-m", "x", "--attach", file)
                .contains("has 19464193 bytes; the gateway takes a file of at most 19464192"));
        String half = Files.write(folder.resolve("half.zip"), new byte[10_000_000]).toString();
        assertTrue(run(2, "agent", "-m", "x", "--attach", half, "--attach", half).contains("more than 19464192 bytes"));
        assertTrue(run(2, "agent").contains("say something with --message, or give a file with --attach"));
        assertTrue(run(0, "gateway", "call", "sessions.list", "--json").contains("\"totalCount\":0"));
    }

    @Test
    void listsPluginsWithWhatBecameOfThem() {
        String list = run(0, "plugins", "list");
        assertTrue(list.contains("scripted  loaded    1.0.0  bundled"), list);
        assertTrue(list.contains("broken    refused   1.0.0  user  broken.jar: register failed:"), list);
        assertTrue(run(0, "plugins", "info", "scripted").contains("engines     echo"));
        assertTrue(run(1, "plugins", "info", "nobody").contains("there is no plugin 'nobody'"));
    }

    @Test
    void showsNothingOfAJarThatATerminalWouldObey() {
        gateway.close();
        PluginJar.named("odd").manifest("Plugin-Version", "1\u001b[2J").writeTo(folder.resolve("state/plugins"),
                "odd\u001b[1m.jar");
        gateway = TestGateway.start(folder);
        String all = run(0, "plugins", "list") + run(0, "gateway", "health");
        assertTrue(all.contains("odd") && all.indexOf('\u001b') < 0, all);
    }

    @Test
    void showsTheLoadedOneOfTwoJarsWithOneId() {
        gateway.close();
        PluginJar.named("scripted").writeTo(folder.resolve("state/plugins"), "another.jar");
        gateway = TestGateway.start(folder);
        assertTrue(run(0, "plugins", "info", "scripted").contains("state       enabled"));
    }

    @Test
    void findsAGatewayThatIsBoundElsewhere() throws IOException {
        gateway.close();
        Path config = TestGateway.write(folder.resolve("custom.yaml"),
                "gateway: {bind: custom, customBindHost: 127.0.0.2}");
        gateway = TestGateway.start(folder, options -> options.withConfig(config.toString()));
        assertTrue(run(0, "gateway", "probe").startsWith("Reachable: ws://127.0.0.2:" + gateway.port()));
    }

    @Test
    void namesWhatIsWrongWithAUrl() throws IOException {
        assertTrue(run(2, "gateway", "probe", "--url", "http://127.0.0.1:1")
                .contains("--url must begin with ws:// or wss://, not be 'http://127.0.0.1:1'"));
        assertTrue(run(2, "gateway", "probe", "--url", "ws://a b").contains("--url is no URL: 'ws://a b'"));
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.start();
        String wrong = "ws://127.0.0.1:" + other.getAddress().getPort();
        assertTrue(run(1, "gateway", "probe", "--url", wrong).contains("at " + wrong + " (it answered 404)"));
        other.stop(0);
        int nobodys;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobodys = socket.getLocalPort();
        }
        String dead = "ws://127.0.0.1:" + nobodys;
        assertTrue(run(1, "gateway", "probe", "--url", dead).contains("at " + dead + " (connection refused)"));
    }

    private String refusal(String... args) {
        out.reset();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> all = new ArrayList<>(List.of("gateway", "run", "--state-dir"));
        all.addAll(List.of(args));
        int code = Main.run(stream, stream, Map.of(), all.toArray(String[]::new));
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(78, code, said);
        return said;
    }

    @Test
    void doesNotRunWhereAnotherRunsAndNamesIt() {
        String pid = "pid " + ProcessHandle.current().pid();
        String port = String.valueOf(gateway.port());
        String folderInUse = refusal(folder.resolve("state").toString(), "--port", "0");
        assertTrue(folderInUse.contains(pid + ", port " + port), folderInUse);
        String portInUse = refusal(folder.resolve("other").toString(), "--port", port);
        assertTrue(portInUse.contains("port " + port + " on 127.0.0.1 is taken by the process with " + pid), portInUse);
    }

    @Test
    void doesNotRunWithAConfigurationItCannotUse() throws IOException {
        String other = folder.resolve("other").toString();
        Path malformed = TestGateway.write(folder.resolve("malformed.yaml"), "gateway: {port: 1");
        String said = refusal(other, "--port", "0", "--config", malformed.toString());
        assertTrue(said.contains("config " + malformed + " is malformed: ") && said.contains("line 1"), said);
        Path unreadable = Files.createDirectories(folder.resolve("folder.yaml"));
        assertTrue(refusal(other, "--port", "0", "--config", unreadable.toString())
                .contains("config " + unreadable + " cannot be read: it is no regular file"));
        assertTrue(refusal(other, "--port", "0", "--config", folder.resolve("absent.yaml").toString())
                .contains("does not exist"));
    }

    @Test
    void refusesAWrongToken() {
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(1, Main.run(stream, stream, Map.of(), "gateway", "status", "--state-dir",
                folder.resolve("state").toString(), "--token", "wrong"));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("gateway token mismatch"));
    }

    @Test
    void listsSessionsAndExportsWhatWasSaid() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(1, "gateway", "call", "agent", "--expect-final", "--params", "{\"message\":\"word" + i
                    + " !fail\",\"sessionKey\":\"talk\",\"idempotencyKey\":\"k" + i + "\"}");
        }
        assertTrue(run(0, "sessions", "list").startsWith("agent:main:talk  "));
        assertEquals("", run(0, "sessions", "list", "--search", "nothing"));
        String text = run(0, "sessions", "export", "talk");
        assertTrue(text.startsWith("## user, 20") && text.contains("\n\nword2 !fail\n\n## assistant, ")
                && text.contains("> the provider says no"), text);
        Path file = folder.resolve("talk.jsonl");
        assertTrue(run(0, "sessions", "export", "talk", "--json", "-o", file.toString()).startsWith("6 messages: "));
        assertEquals(6, Files.readAllLines(file).size());
        assertTrue(run(1, "sessions", "export", "talk", "-o", file.toString()).contains("exists already"));
        assertTrue(run(1, "sessions", "export", "none").contains("nothing was said in session 'none'"));
    }
}
