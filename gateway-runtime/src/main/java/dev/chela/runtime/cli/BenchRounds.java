package dev.chela.runtime.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.chela.runtime.bench.BenchException;
import dev.chela.runtime.bench.Comparison;
import dev.chela.runtime.bench.FloorProcess;
import dev.chela.runtime.bench.Processes;
import dev.chela.runtime.bench.Report;
import dev.chela.runtime.bench.Scenario;
import dev.chela.runtime.bench.Shape;
import dev.chela.runtime.bench.Subject;
import dev.chela.runtime.client.ClientException;

import picocli.CommandLine.Option;

/// How long and how often a load runs, and against what it is held.
final class BenchRounds {

    private static final int FLOOR_CORE = 0;
    private static final int CLIENT_CORE = 1;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "8", description = "How long a measurement takes, 1 to 600 (default: ${DEFAULT-VALUE}).")
    private int seconds = 8;

    @Option(names = "--warmup", paramLabel = "S", defaultValue = "3", description = "Load before it that does not count, 0 to 60 (default: ${DEFAULT-VALUE}).")
    private int warmUp = 3;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "1", description = "How often, 1 to 100 (default: ${DEFAULT-VALUE}).")
    private int rounds = 1;

    @Option(names = "--floor", description = "After each round, measure a bare server in a process of its own that answers as"
            + " large and does no work, and print the ratios.")
    private boolean floor;

    @Option(names = "--pin", description = "Tie the load client to core 1 and the floor to core 0. Start the gateway with"
            + " taskset -c 0 to compare.")
    private boolean pin;

    /// How long; refuses what is out of range.
    Scenario.Timing timing(BenchOptions options) {
        options.check("--seconds", seconds, 1, 600);
        options.check("--warmup", warmUp, 0, 60);
        options.check("--rounds", rounds, 1, 100);
        return new Scenario.Timing(Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
    }

    /// Runs it and prints.
    int run(Shell shell, BenchOptions options, Scenario scenario)
            throws BenchException, ClientException, InterruptedException {
        Subject subject = options.subject(shell);
        var output = new BenchOutput(shell, options.json());
        if (pin) {
            Processes.pin(ProcessHandle.current().pid(), CLIENT_CORE);
        }
        boolean failed = false;
        if (!floor) {
            for (int i = 0; i < rounds; i++) {
                failed |= output.print(scenario.run(subject));
            }
            return failed ? ExitCode.FAILED : ExitCode.OK;
        }
        var comparison = new Comparison();
        try (FloorProcess bare = FloorProcess.start(command(scenario.shape(subject)))) {
            Subject other = bare.subject(subject.credentials());
            for (int i = 0; i < rounds; i++) {
                Report one = scenario.run(subject);
                Report two = scenario.run(other);
                failed |= output.print(one);
                failed |= output.print(two);
                comparison.add(one, two);
            }
        }
        output.print(comparison);
        return failed ? ExitCode.FAILED : ExitCode.OK;
    }

    /// This Java and this class path, with the flags of the launcher.
    private List<String> command(Shape shape) {
        List<String> command = new ArrayList<>();
        if (pin) {
            command.addAll(List.of("taskset", "-c", Integer.toString(FLOOR_CORE)));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xms16m", "-Xmx512m",
                "--sun-misc-unsafe-memory-access=allow", "-Djboss.threads.eqe.disable-mbean=true",
                "-Djavax.management.builder.initial=none", "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "gateway", "bench", "floor", "--verify", "--until-eof", "--hello",
                Integer.toString(shape.hello()), "--reply", Integer.toString(shape.reply())));
        return command;
    }

    /// A number for people.
    static String show(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 || value == Math.rint(value) ? "%.0f" : "%.2f", value);
    }
}
