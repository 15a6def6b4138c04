package dev.chela.plugin.mcp;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.Options;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.Assertions;

/// A gateway with the plugin out of its jar, and somebody who calls tools.
record McpGateway(TestGateway gateway, Client client) implements AutoCloseable {

    /// A gateway with that configuration.
    static McpGateway configured(Path folder, String config) throws Exception {
        return configured(folder, config, options -> options);
    }

    static McpGateway configured(Path folder, String config, UnaryOperator<Options> change) throws Exception {
        TestGateway.write(folder.resolve("state/chela.yaml"), config);
        return start(folder, change);
    }

    static McpGateway start(Path folder, UnaryOperator<Options> change) throws Exception {
        var gateway = TestGateway.startWith(Path.of(System.getProperty("plugin.jar")), folder, change);
        return new McpGateway(gateway, gateway.admin());
    }

    /// The settings of a program that is a server, in one line of YAML.
    static String program(Path marks, String more) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return "{command: '" + java + "', args: ['-XX:TieredStopAtLevel=1', '-cp', '"
                + System.getProperty("java.class.path") + "', '" + FakeServer.class.getName() + "', '" + marks + "']"
                + more + "}";
    }

    List<String> tools() throws Exception {
        return client.call("tools.catalog").items("groups").stream().flatMap(group -> group.items("tools").stream())
                .map(tool -> tool.text("id").orElseThrow()).toList();
    }

    /// Waits until there is a tool.
    McpGateway awaitTool(String name) throws Exception {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        while (!tools().contains(name)) {
            Assertions.assertTrue(System.nanoTime() < end, "no tool " + name + " but " + tools());
        }
        return this;
    }

    /// Calls a tool; a failure begins with its code.
    String invoke(String name, Map<String, ?> arguments) throws Exception {
        Json outcome = client.call("tools.invoke", Map.of("name", name, "args", arguments));
        return outcome.flag("ok").orElse(false)
                ? outcome.at("output").orElseThrow().items("content").getFirst().text("text").orElse("")
                : outcome.at("error").orElseThrow().text("code").orElse("") + ": "
                        + outcome.at("error").orElseThrow().text("message").orElse("");
    }

    String invoke(String name) throws Exception {
        return invoke(name, Map.of("text", "hi"));
    }

    /// Calls a tool until it says what is expected.
    void awaitAnswer(String name, String expected) throws Exception {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        String said = invoke(name);
        while (!said.equals(expected)) {
            Assertions.assertTrue(System.nanoTime() < end, said);
            said = invoke(name);
        }
    }

    /// Waits for a mark of the server, and says what it is.
    static List<String> awaitMark(Path file) throws Exception {
        long end = System.nanoTime() + TestGateway.PATIENCE.toNanos();
        while (!Files.exists(file) || Files.size(file) == 0) {
            Assertions.assertTrue(System.nanoTime() < end, "no " + file);
            Thread.onSpinWait();
        }
        return Files.readAllLines(file);
    }

    /// What became of the plugin.
    String report() {
        return gateway.gateway().plugins().stream().filter(one -> "mcp".equals(one.id()))
                .map(one -> one.state() + ": " + one.reason()).collect(Collectors.joining());
    }

    @Override
    public void close() {
        client.close();
        gateway.close();
    }
}
