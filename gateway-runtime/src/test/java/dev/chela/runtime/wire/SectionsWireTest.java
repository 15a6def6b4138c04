package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

import dev.chela.runtime.Gateway;
import dev.chela.runtime.Options;
import dev.chela.runtime.lifecycle.StageException;
import dev.chela.runtime.testing.PluginJar;
import dev.chela.runtime.testing.TestGateway;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Plugins whose settings are a section of the configuration, and plugins that are only loaded for their settings.
class SectionsWireTest {

    private static final String SOURCE = """
            record Settings(String word) {}
            @Override public void register(Registrar r) {
                String word = r.context().settings(Settings.class).current().word();
                r.method(Method.of("word.get", Scope.READ, NoParams.class, (p, call) -> Map.of("word", word)));
            }
            """;

    @TempDir
    Path folder;

    private PluginJar jar(String id) {
        return PluginJar.of(id, SOURCE).manifest("Plugin-Config", "words");
    }

    private void drop(PluginJar jar, String name) {
        jar.writeTo(folder.resolve("state/plugins"), name + ".jar");
    }

    private TestGateway start(String config) throws Exception {
        TestGateway.write(folder.resolve("state/chela.yaml"), config);
        return TestGateway.start(folder);
    }

    private static String report(TestGateway gateway, String id) {
        return gateway.gateway().plugins().stream().filter(one -> id.equals(one.id()))
                .map(one -> one.state() + ": " + one.reason()).collect(Collectors.joining());
    }

    private String report(String id, String config) throws Exception {
        try (TestGateway gateway = start(config)) {
            return report(gateway, id);
        }
    }

    @Test
    void givesAPluginItsSectionWithVariablesPutIn() throws Exception {
        drop(jar("words"), "words");
        TestGateway.write(folder.resolve("state/chela.yaml"), "words: {word: 'a${WORD}'}");
        try (TestGateway gateway = TestGateway.start(folder, options -> options.withEnvironment(Map.of("WORD", "bc")));
                TestGateway.Client client = gateway.admin()) {
            assertEquals("abc", client.call("word.get").text("word").orElse(""));
        }
        assertEquals("loaded: null", report("words", "plugins: {entries: {words: {config: {word: x}}}}"));
    }

    @Test
    void namesThePathOfWhatIsWrongInASection() throws Exception {
        drop(jar("words"), "words");
        assertEquals("refused: register failed: words.word: must be string, found 5; words.<root>: unexpected property"
                + " 'more'", report("words", "words: {word: 5, more: 1}"));
        assertEquals("refused: register failed: both words and plugins.entries.words.config are configured; keep one",
                report("words", "words: {word: x}\nplugins: {entries: {words: {config: {word: x}}}}"));
    }

    @Test
    void refusesASectionThatNoPluginHas() throws Exception {
        TestGateway.write(folder.resolve("state/chela.yaml"), "words: {word: x}");
        Options options = Options.in(folder.resolve("state")).onPort(0);
        StageException failure = assertThrows(StageException.class,
                () -> Gateway.start(options).close());
        assertTrue(String.valueOf(failure.getCause()).contains("<root>: unexpected property 'words'"),
                String.valueOf(failure.getCause()));
    }

    @Test
    void refusesASectionThatIsNotToBeHad() throws Exception {
        drop(jar("first"), "1");
        drop(jar("second"), "2");
        drop(PluginJar.of("greedy", SOURCE).manifest("Plugin-Config", "gateway"), "3");
        drop(PluginJar.of("odd", SOURCE).manifest("Plugin-Config", "a.b"), "4");
        try (TestGateway gateway = start("words: {word: x}")) {
            assertEquals("loaded: null", report(gateway, "first"));
            assertEquals("refused: its manifest says Plugin-Config: words, which belongs to plugin 'first'",
                    report(gateway, "second"));
            String reasons = gateway.gateway().plugins().stream().map(one -> one.reason() + "")
                    .collect(Collectors.joining("\n"));
            assertTrue(reasons.contains("its manifest says Plugin-Config: gateway, which is the gateway's own"),
                    reasons);
            assertTrue(reasons.contains("its manifest says Plugin-Config: a.b, which must look like mySection"),
                    reasons);
        }
    }

    @Test
    void leavesAPluginClosedThatNothingIsConfiguredFor() throws Exception {
        drop(jar("words").manifest("Plugin-Activation", "config").file("test/Pluginwords.class", "no class at all"),
                "words");
        for (String config : new String[]{"", "words:", "words: {word: {}, list: [{}]}"}) {
            assertEquals("disabled: not needed: nothing is configured in words", report("words", config));
        }
        assertTrue(report("words", "words: {word: x}").contains("ClassFormatError"), "now it is looked into");
        drop(PluginJar.of("plain", SOURCE).manifest("Plugin-Activation", "config"), "plain");
        assertEquals("disabled: not needed: nothing is configured in plugins.entries.plain.config",
                report("plain", ""));
        assertEquals("loaded: null", report("plain", "plugins: {entries: {plain: {config: {word: x}}}}"));
        drop(PluginJar.of("late", SOURCE).manifest("Plugin-Activation", "later"), "late");
        try (TestGateway gateway = start("")) {
            assertTrue(gateway.gateway().plugins().stream().anyMatch(one -> (one.reason() + "")
                    .equals("its manifest says Plugin-Activation: later, which must be config")));
        }
    }
}
