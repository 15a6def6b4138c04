package dev.chela.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.chela.runtime.testing.LineChannel;
import dev.chela.runtime.testing.Messenger;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// The commands for channels and messages, against a real gateway with a real account.
class ChannelCommandsTest {

    @TempDir
    Path folder;
    private final Messenger messenger = new Messenger();
    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        LineChannel.writeTo(folder.resolve("state/plugins"));
        TestGateway.write(folder.resolve("state/chela.yaml"),
                "channels: {line: {port: " + messenger.port() + ", accounts: {home: {}, off: {enabled: false}}}}");
        gateway = TestGateway.start(folder);
        messenger.login();
    }

    @AfterEach
    void stop() {
        gateway.close();
        messenger.close();
    }

    private String run(int code, String... args) {
        var out = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--state-dir", folder.resolve("state").toString(), "--token", TestGateway.TOKEN));
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int actual = Main.run(stream, stream, Map.of(), all.toArray(String[]::new));
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(code, actual, said);
        return said;
    }

    @Test
    void showsStartsAndStopsAccounts() {
        assertEquals("line  home  healthy\nline  off   stopped  disabled\n", run(0, "channels", "status"));
        assertTrue(run(0, "channels", "status", "--probe").contains("line  home  healthy  probe ok"));
        assertTrue(run(0, "channels", "status", "--json").contains("\"channelDefaultAccountId\":{\"line\":\"home\"}"));
        assertEquals("Stopped: line home\n", run(0, "channels", "stop", "line"));
        assertTrue(run(0, "channels", "status").contains("stopped by an operator"));
        assertEquals("Started: line home\n", run(0, "channels", "start", "line", "home"));
        assertEquals("chela: line off is not started: disabled\n", run(1, "channels", "start", "line", "off"));
        assertTrue(run(1, "channels", "start", "none").contains("invalid channels.start channel"));
        assertEquals("Logged out: line home\n", run(0, "channels", "logout", "line"));
    }

    @Test
    void sendsMessagesAndDealsWithThoseThatWereGivenUp() throws Exception {
        assertTrue(run(0, "message", "send", "--to", "c1", "-m", "hello").startsWith("Sent: line m-"));
        assertEquals("hello", messenger.next().text("text").orElse(""));
        messenger.answering(message -> Messenger.refusal("never", "no such chat"));
        assertTrue(run(1, "message", "send", "--to", "c2", "-m", "lost", "--key", "k").contains("no such chat"));
        String list = run(0, "delivery", "list");
        assertTrue(list.contains("failed  line home c2") && list.contains("no such chat")
                && list.endsWith("0 on their way, 1 given up\n"), list);
        String id = list.substring(0, list.indexOf(' '));
        messenger.answering(Messenger::sent);
        assertEquals("On its way again: " + id + "\n", run(0, "delivery", "retry", id));
        assertTrue(run(1, "delivery", "drop", "none").contains("no delivery 'none' waits or was given up"));
        assertTrue(run(2, "message", "send", "-m", "to nobody").contains("--to"));
    }
}
