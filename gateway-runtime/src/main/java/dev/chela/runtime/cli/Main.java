package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// Where the process begins.
public final class Main {

    /// Plugins run on virtual threads, which the JDK does not time-slice: with more carriers than cores the system does.
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
    private static final int FEWEST_CARRIERS = 16;

    private Main() {}

    /// Runs a command and ends the process with its exit code.
    public static void main(String[] args) {
        // The JDK reads it when the first virtual thread is made.
        if (System.getProperty(CARRIERS) == null) {
            int carriers = Math.max(FEWEST_CARRIERS, 4 * Runtime.getRuntime().availableProcessors());
            System.setProperty(CARRIERS, Integer.toString(carriers));
        }
        int code = run(System.out, System.err, System.getenv(), args);
        System.err.flush();
        if (System.out.checkError() && code == ExitCode.OK) {
            System.err.println("chela: the output cannot be written");
            code = ExitCode.FAILED;
        }
        // Threads of libraries may still live; whatever had to end has ended.
        Runtime.getRuntime().halt(code);
    }

    /// Runs a command.
    ///
    /// @return its exit code
    public static int run(PrintStream out, PrintStream err, Map<String, String> environment, String... args) {
        if (args.length == 3 && args[0].equals(WarmUp.NAME)) {
            return new WarmUp(err).run(URI.create(args[1]), args[2]);
        }
        var shell = new Shell(out, err, environment);
        Optional<RunOptions> quick = RunOptions.parse(args);
        return quick.isPresent()
                ? new RunGateway(shell).run(quick.get())
                : Commands.run(shell, args);
    }
}
