package dev.chela.runtime.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
            "gateway run --port many", "gateway run --prot 1", "agent run"})
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
                List.of("gateway", "run", "--port", "x"),
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
}
