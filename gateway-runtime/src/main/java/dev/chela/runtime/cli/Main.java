package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/// Where the process begins.
public final class Main {

    private Main() {}

    /// Runs a command and ends the process with its exit code.
    public static void main(String[] args) {
        int code = run(System.out, System.err, System.getenv(), args);
        System.out.flush();
        System.err.flush();
        // Threads of libraries may still live; whatever had to end has ended.
        Runtime.getRuntime().halt(code);
    }

    /// Runs a command.
    ///
    /// @return its exit code
    public static int run(PrintStream out, PrintStream err, Map<String, String> environment, String... args) {
        Optional<RunOptions> quick = RunOptions.parse(args);
        return quick.isPresent()
                ? new RunGateway(out, err, environment).run(quick.get())
                : Commands.run(out, err, environment, args);
    }
}
