package dev.chela.runtime.cli;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

import dev.chela.runtime.bench.BenchException;
import dev.chela.runtime.bench.Calls;
import dev.chela.runtime.bench.Credentials;
import dev.chela.runtime.bench.FanOut;
import dev.chela.runtime.bench.Floor;
import dev.chela.runtime.bench.FloorProcess;
import dev.chela.runtime.bench.Handshakes;
import dev.chela.runtime.bench.Idle;
import dev.chela.runtime.bench.Shape;
import dev.chela.runtime.bench.Starts;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `chela gateway bench …`: puts load on a gateway and tells what it costs.
@Command(name = "bench", description = "Put load on a gateway and tell what it costs.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", footer = {
        "",
        "Without --url the gateway of the state folder is measured, as by the other commands. The load client uses one"
                + " thread; a figure near 100 %% for it means that it is the limit. The server's CPU time and memory are known"
                + " on Linux, for a server of the same user.",
        "", "Try:  chela gateway bench rpc --inflight 32 --floor --rounds 5"})
final class BenchCommands implements Runnable {

    private static final int MAX_CONNECTIONS = 20_000;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which bench?");
    }

    static CommandLine tree(Shell shell) {
        var bench = new CommandLine(new BenchCommands());
        List.of(new HandshakeBench(shell), new RpcBench(shell), new FanOutBench(shell), new IdleBench(shell),
                new StartBench(shell), new FloorServer(shell)).forEach(bench::addSubcommand);
        return bench;
    }

    /// `bench handshake`.
    @Command(name = "handshake", description = "New clients per second, from TCP connect to hello-ok.", mixinStandardHelpOptions = true)
    static final class HandshakeBench implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private BenchOptions options = new BenchOptions();

        @Mixin
        private BenchRounds rounds = new BenchRounds();

        @Option(names = "--parallel", paramLabel = "N", defaultValue = "8", description = "Handshakes at once, 1 to 1000; a gateway may admit only some"
                + " at a time from one address (default: ${DEFAULT-VALUE}).")
        private int parallel = 8;

        HandshakeBench(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            options.check("--parallel", parallel, 1, 1000);
            return rounds.run(shell, options, new Handshakes(rounds.timing(options), parallel));
        }
    }

    /// `bench rpc`.
    @Command(name = "rpc", description = "Call one method again and again.", mixinStandardHelpOptions = true)
    static final class RpcBench implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private BenchOptions options = new BenchOptions();

        @Mixin
        private BenchRounds rounds = new BenchRounds();

        @Option(names = "--method", paramLabel = "METHOD", defaultValue = "system-presence", description = "The method (default: ${DEFAULT-VALUE}).")
        private String method = "system-presence";

        @Option(names = "--params", paramLabel = "JSON", defaultValue = "{}", description = "Its params (default: ${DEFAULT-VALUE}).")
        private String params = "{}";

        @Option(names = "--size", paramLabel = "BYTES", defaultValue = "0", description = "Instead, one text of about this size as params, up to"
                + " 26214400; choose a method that takes any params.")
        private int size;

        @Option(names = "--connections", paramLabel = "N", defaultValue = "1", description = "Clients, 1 to 20000 (default: ${DEFAULT-VALUE}).")
        private int connections = 1;

        @Option(names = "--inflight", paramLabel = "N", defaultValue = "1", description = "Calls of each that wait for an answer at once, 1 to 1024"
                + " (default: ${DEFAULT-VALUE}).")
        private int inFlight = 1;

        RpcBench(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            options.check("--size", size, 0, 25 << 20);
            options.check("--connections", connections, 1, MAX_CONNECTIONS);
            options.check("--inflight", inFlight, 1, 1024);
            try {
                JsonCodec.read(JsonText.of(params));
            } catch (IllegalArgumentException e) {
                throw options.refused("--params is no JSON: " + e.getMessage());
            }
            return rounds.run(shell, options, new Calls(rounds.timing(options), method,
                    size > 0 ? Calls.padded(size) : params, connections, inFlight));
        }
    }

    /// `bench fan-out`.
    @Command(name = "fan-out", description = "One event to many clients: how long until each, and the last, has it.", mixinStandardHelpOptions = true)
    static final class FanOutBench implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private BenchOptions options = new BenchOptions();

        @Mixin
        private BenchRounds rounds = new BenchRounds();

        @Option(names = "--connections", paramLabel = "N", defaultValue = "100", description = "Clients, 1 to 20000 (default: ${DEFAULT-VALUE}).")
        private int connections = 100;

        @Option(names = "--size", paramLabel = "BYTES", defaultValue = "0", description = "Padding of the event, up to 1048576 (default: ${DEFAULT-VALUE}).")
        private int size;

        @Option(names = "--deaf", paramLabel = "N", defaultValue = "0", description = "More clients that never read, up to 1000 (default: ${DEFAULT-VALUE}).")
        private int deaf;

        FanOutBench(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            options.check("--connections", connections, 1, MAX_CONNECTIONS);
            options.check("--size", size, 0, 1 << 20);
            options.check("--deaf", deaf, 0, 1000);
            return rounds.run(shell, options, new FanOut(rounds.timing(options), connections, deaf, size));
        }
    }

    /// `bench idle`.
    @Command(name = "idle", description = "What clients cost that are connected and silent; right only for a gateway just"
            + " started.", mixinStandardHelpOptions = true)
    static final class IdleBench implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private BenchOptions options = new BenchOptions();

        @Option(names = "--connections", paramLabel = "N", defaultValue = "1000", description = "Clients, 1 to 20000 (default: ${DEFAULT-VALUE}).")
        private int connections = 1000;

        @Option(names = "--settle", paramLabel = "S", defaultValue = "5", description = "How long the gateway may calm down, 0 to 60 (default: ${DEFAULT-VALUE}).")
        private int settle = 5;

        @Option(names = "--seconds", paramLabel = "S", defaultValue = "35", description = "How long its CPU time is watched then, 1 to 600 (default: ${DEFAULT-VALUE}).")
        private int seconds = 35;

        IdleBench(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            options.check("--connections", connections, 1, MAX_CONNECTIONS);
            options.check("--settle", settle, 0, 60);
            options.check("--seconds", seconds, 1, 600);
            var idle = new Idle(Duration.ofSeconds(settle), Duration.ofSeconds(seconds), connections);
            new BenchOutput(shell, options.json()).print(idle.run(options.subject(shell)));
            return ExitCode.OK;
        }
    }

    /// `bench start`.
    @Command(name = "start", description = "Start a gateway and stop it: exec to hello-ok, SIGTERM to exit.", mixinStandardHelpOptions = true)
    static final class StartBench implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private BenchOptions options = new BenchOptions();

        @Option(names = "--cmd", required = true, paramLabel = "COMMAND", description = "What starts it, for the shell; it must listen at --url.")
        private String command = "";

        @Option(names = "--rounds", paramLabel = "N", defaultValue = "1", description = "How often, 1 to 100 (default: ${DEFAULT-VALUE}).")
        private int rounds = 1;

        @Option(names = "--limit", paramLabel = "S", defaultValue = "60", description = "How long a start may take, 1 to 600 (default: ${DEFAULT-VALUE}).")
        private int limit = 60;

        StartBench(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            options.check("--rounds", rounds, 1, 100);
            options.check("--limit", limit, 1, 600);
            URI uri = options.uri(shell);
            Credentials credentials = options.credentials(shell);
            var starts = new Starts(command, credentials, Duration.ofSeconds(limit));
            for (int i = 0; i < rounds; i++) {
                new BenchOutput(shell, options.json()).print(starts.run(uri));
            }
            return ExitCode.OK;
        }
    }

    /// `bench floor`.
    @Command(name = "floor", description = "Run the bare server that gateways are compared with, until Ctrl-C. It lets"
            + " everybody on this machine in and does no work.", mixinStandardHelpOptions = true)
    static final class FloorServer implements Callable<Integer> {

        private final Shell shell;

        @CommandLine.Spec
        private CommandLine.Model.@Nullable CommandSpec spec;

        @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "The port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
        private int port;

        @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "I/O threads, 1 to 64; 0 takes one per core, up to 8"
                + " (default: ${DEFAULT-VALUE}).")
        private int threads;

        @Option(names = "--hello", paramLabel = "BYTES", defaultValue = "8192", description = "Size of hello-ok, up to 1048576 (default: ${DEFAULT-VALUE}).")
        private int hello = 8192;

        @Option(names = "--reply", paramLabel = "BYTES", defaultValue = "160", description = "Size of each answer, up to 26214400 (default: ${DEFAULT-VALUE}).")
        private int reply = 160;

        @Option(names = "--verify", description = "Check the device's signature at each handshake.")
        private boolean verify;

        @Option(names = "--until-eof", hidden = true, description = "End when the input ends.")
        private boolean untilEof;

        FloorServer(Shell shell) {
            this.shell = shell;
        }

        private void check(String option, int value, int max) {
            if (spec != null && (value < 0 || value > max)) {
                throw new CommandLine.ParameterException(spec.commandLine(),
                        option + " must be 0 to " + max + ", not " + value);
            }
        }

        @Override
        public Integer call() throws BenchException, IOException, InterruptedException {
            check("--port", port, 65_535);
            check("--threads", threads, 64);
            check("--hello", hello, 1 << 20);
            check("--reply", reply, 25 << 20);
            int io = threads > 0 ? threads : Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
            try (Floor floor = Floor.open(new Floor.Settings(port, io, new Shape(hello, reply), verify))) {
                shell.out().println(FloorProcess.LISTENING + floor.port());
                shell.out().flush();
                if (untilEof) {
                    System.in.transferTo(java.io.OutputStream.nullOutputStream());
                } else {
                    Thread.currentThread().join();
                }
            }
            return ExitCode.OK;
        }
    }
}
