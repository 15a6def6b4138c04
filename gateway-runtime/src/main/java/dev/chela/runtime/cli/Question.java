package dev.chela.runtime.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.GatewayClient;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A command that asks a gateway one thing and shows what it says.
abstract class Question implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private Target target = new Target();

    @Option(names = "--json", description = "Print everything on one line.")
    private boolean json;

    Question(Shell shell) {
        this.shell = shell;
    }

    Shell shell() {
        return shell;
    }

    /// The method that is called.
    abstract String method();

    /// Adds its params; those that are null are left out.
    abstract void fill(Map<String, @Nullable Object> params);

    /// How long it waits for the answer.
    Duration timeout() {
        return target.timeout();
    }

    /// Shows the answer to people.
    ///
    /// @return the exit code
    abstract int show(Json answer);

    @Override
    public Integer call() throws Exception {
        Map<String, @Nullable Object> params = new LinkedHashMap<>();
        fill(params);
        params.values().removeIf(Objects::isNull);
        Json answer;
        try (GatewayClient client = target.connect(shell)) {
            answer = client.call(method(), Json.of(params), timeout());
        }
        if (json) {
            shell.json(answer);
            return ExitCode.OK;
        }
        return show(answer);
    }
}
