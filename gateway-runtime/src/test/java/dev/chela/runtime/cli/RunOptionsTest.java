package dev.chela.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.chela.runtime.instance.StateFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunOptionsTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return Main.run(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(), args);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
    }

    /// Two parsers must not know different options.
    @Test
    void knowsWhatTheLibraryKnows() {
        CommandLine gateway = Objects.requireNonNull(
                Commands.tree(new Shell(System.out, System.err, Map.of())).getSubcommands().get("gateway"));
        CommandLine run = Objects.requireNonNull(gateway.getSubcommands().get("run"));
        Set<String> withValue = run.getCommandSpec().options().stream().filter(option -> option.arity().max() == 1)
                .map(OptionSpec::longestName).map(name -> name.substring(2)).collect(Collectors.toSet());
        assertEquals(new TreeSet<>(RunOptions.NAMES), new TreeSet<>(withValue));
        Set<String> flags = run.getCommandSpec().options().stream().filter(option -> option.arity().max() == 0)
                .map(OptionSpec::longestName).collect(Collectors.toSet());
        assertEquals(Set.of("--verbose", "--help", "--version"), flags);
    }

    @Test
    void understandsBothWaysOfGivingAValue() {
        RunOptions options = RunOptions.parse("gateway", "run", "--port", "1234", "--token=a=b", "--verbose")
                .orElseThrow();
        assertEquals(1234, options.port());
        assertEquals("a=b", options.value("token"));
        assertTrue(options.verbose());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "gateway status", "gateway run --help", "gateway run --port",
            "gateway run extra",
            "gateway run --port many", "gateway run --port 65536", "gateway run --log-level loud",
            "gateway run --state-dir=", "gateway run --prot 1", "agent run"})
    void leavesEverythingElseToTheLibrary(String args) {
        assertTrue(RunOptions.parse(args.split(" ", -1)).isEmpty());
    }

    @Test
    void explainsItself() {
        assertEquals(0, run("--help"));
        assertTrue(said().contains("gateway") && said().contains("plugins") && said().contains("chela agent"), said());
        assertEquals(0, run("gateway", "run", "--help"));
        assertTrue(said().contains("--state-dir"), said());
    }

    @Test
    void answersMistakesWithTheirOwnCode() {
        for (List<String> args : List.of(List.<String>of(), List.of("gateway"),
                List.of("gateway", "run", "--port", "x"), List.of("gateway", "run", "--port", "65536"),
                List.of("gateway", "run", "--log-level", "loud"), List.of("gateway", "run", "--state-dir="),
                List.of("gateway", "run", "--profile", "../up"), List.of("gateway", "probe", "--timeout", "0"),
                List.of("gateway", "probe", "--url", "localhost:1", "--token", "x"),
                List.of("nothing"), List.of("gateway", "call"))) {
            assertEquals(2, run(args.toArray(String[]::new)), args.toString());
        }
    }

    @Test
    void saysWhenNoGatewayCanBeReached() {
        assertEquals(1, run("gateway", "probe", "--url", "ws://127.0.0.1:1", "--token", "x", "--json"));
        assertTrue(said().contains("\"ok\":false"), said());
        assertEquals(1, run("gateway", "health", "--url", "ws://127.0.0.1:1"));
        assertTrue(said().contains("--url needs --token or --password"), said());
    }

    @Test
    void saysHowToStartAGatewayWhereNoneRuns(@TempDir Path empty) {
        assertEquals(1, run("plugins", "list", "--state-dir", empty.toString(), "--token", "x"));
        assertTrue(said().contains("chela gateway run"), said());
    }

    @Test
    void saysWhatIsWrongWithAFolderInOneLine(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("chela.yaml"), "gateway: {port: many}");
        assertEquals(78, run("gateway", "run", "--state-dir", folder.toString(), "--port", "0"));
        assertEquals(78, run("gateway", "status", "--state-dir", folder.toString()));
        assertTrue(said().contains("gateway.port: must be integer"), said());
        Files.delete(folder.resolve("chela.yaml"));
        Files.writeString(new StateFolder(folder).store(), "no database at all, but long enough to be one".repeat(40));
        assertEquals(1, run("gateway", "run", "--state-dir", folder.toString(), "--port", "0"));
        assertTrue(said().contains("cannot use the store") || said().contains("cannot open the store"), said());
        assertFalse(said().contains("\tat "), said());
    }
}
