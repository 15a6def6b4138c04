package dev.chela.runtime.cli;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `chela gateway …`: running a gateway, and asking one.
final class GatewayCommands {

    private GatewayCommands() {}

    static CommandLine tree(Shell shell) {
        return Group.of("gateway", "Run a gateway, or ask one.", new Run(shell), new Call(shell), new Health(shell),
                new Status(shell), new Probe(shell), BenchCommands.tree(shell));
    }

    /// `gateway run`; only here for its help and for mistakes, see [RunOptions].
    @Command(name = "run", description = "Run a gateway in the foreground until SIGTERM or Ctrl-C.", mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {

        private final Shell shell;

        @Option(names = "--port", paramLabel = "PORT", description = "The port (default: 18789; 0 takes a free one).")
        private @Nullable Integer port;

        @Option(names = "--bind", paramLabel = "WHERE", description = "loopback (default), lan, tailnet, auto or custom"
                + " (gateway.customBindHost).")
        private @Nullable String bind;

        @Option(names = "--token", paramLabel = "TOKEN", description = "What clients must know. Without it, and without"
                + " a configured one, a token is generated and kept in the state folder.")
        private @Nullable String token;

        @Option(names = "--auth", paramLabel = "MODE", description = "token or password.")
        private @Nullable String auth;

        @Option(names = "--password", paramLabel = "PASSWORD", description = "What clients must know in mode password.")
        private @Nullable String password;

        @Option(names = "--config", paramLabel = "FILE", description = "The configuration: YAML, or an openclaw.json as"
                + " it is (default: chela.yaml or openclaw.json in the state folder).")
        private @Nullable String config;

        @Option(names = "--state-dir", paramLabel = "DIR", description = "The gateway's folder (default: ~/.chela).")
        private @Nullable String stateDir;

        @Option(names = "--profile", paramLabel = "NAME", description = "Use the folder ~/.chela-NAME.")
        private @Nullable String profile;

        @Option(names = "--log-level", paramLabel = "LEVEL", description = "debug, info (default), warn or error.")
        private @Nullable String logLevel;

        @Option(names = "--verbose", description = "Log everything.")
        private boolean verbose;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

        Run(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            Map<String, String> values = new HashMap<>();
            put(values, "port", port == null ? null : port.toString());
            put(values, "bind", bind);
            put(values, "token", token);
            put(values, "auth", auth);
            put(values, "password", password);
            put(values, "config", config);
            put(values, "state-dir", stateDir);
            put(values, "profile", profile);
            put(values, "log-level", logLevel);
            var options = new RunOptions(values, verbose);
            options.mistake().ifPresent(mistake -> {
                throw new CommandLine.ParameterException(spec.commandLine(), mistake);
            });
            return new RunGateway(shell).run(options);
        }

        private static void put(Map<String, String> values, String name, @Nullable String value) {
            if (value != null) {
                values.put(name, value);
            }
        }
    }

    /// `gateway call`.
    @Command(name = "call", description = "Call a method and print its answer.", mixinStandardHelpOptions = true)
    static final class Call implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Parameters(paramLabel = "METHOD", description = "The method, such as health.")
        private String method = "";

        @Option(names = "--params", paramLabel = "JSON", defaultValue = "{}", description = "Its params (default: ${DEFAULT-VALUE}).")
        private String params = "{}";

        @Option(names = "--expect-final", description = "Wait for the last answer of a method with two.")
        private boolean expectFinal;

        @Option(names = "--json", description = "Print the answer on one line.")
        private boolean json;

        Call(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            Json bound;
            try {
                bound = JsonCodec.read(JsonText.of(params));
            } catch (IllegalArgumentException e) {
                shell.fail("--params is no JSON: " + e.getMessage());
                return ExitCode.USAGE;
            }
            try (GatewayClient client = target.connect(shell)) {
                GatewayClient.Pending pending = client.begin(method, bound);
                Json answer = pending.get(target.timeout());
                while (expectFinal && answer.text("status").filter("accepted"::equals).isPresent()) {
                    answer = pending.get(target.timeout());
                }
                if (json) {
                    shell.json(answer);
                } else {
                    shell.pretty(answer);
                }
                return ExitCode.OK;
            } catch (ClientException e) {
                shell.fail((e.code().isEmpty() ? "" : e.code() + ": ") + e.getMessage());
                return ExitCode.FAILED;
            }
        }
    }

    /// `gateway health`.
    @Command(name = "health", description = "Ask a gateway how it is.", mixinStandardHelpOptions = true)
    static final class Health implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Option(names = "--json", description = "Print everything on one line.")
        private boolean json;

        Health(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            try (GatewayClient client = target.connect(shell)) {
                Json health = client.call("health", Json.of(Map.of("probe", true)), target.timeout());
                if (json) {
                    shell.json(health);
                    return ExitCode.OK;
                }
                shell.say((health.text("status").orElse("ok").equals("ok") ? "OK" : "DEGRADED") + " ("
                        + health.whole("durationMs").orElse(0L) + " ms)");
                Json plugins = health.at("plugins").orElse(Json.Null.VALUE);
                plugins.items("errors").forEach(error -> shell.say("plugin " + error.text("id").orElse("?")
                        + ": " + error.text("error").orElse("?")));
                if (plugins.at("health").orElse(Json.Null.VALUE) instanceof Json.Obj(Map<String, Json> probes)) {
                    probes.forEach((name, probe) -> shell.say(name + ": " + probe.text("state").orElse("?")
                            + " (" + probe.text("summary").orElse("") + ")"));
                }
                return ExitCode.OK;
            }
        }
    }

    /// `gateway status`.
    @Command(name = "status", description = "Ask a gateway what is going on.", mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Option(names = "--json", description = "Print everything on one line.")
        private boolean json;

        Status(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            try (GatewayClient client = target.connect(shell)) {
                Json status = client.call("status", Json.of(Map.of()), target.timeout());
                if (json) {
                    shell.json(status);
                    return ExitCode.OK;
                }
                Json sessions = status.at("sessions").orElse(Json.Null.VALUE);
                shell.say("Gateway      " + target.uri(shell) + ", version "
                        + status.text("runtimeVersion").orElse("?"));
                shell.say("Connections  " + status.whole("connections").orElse(0L));
                shell.say("Sessions     " + sessions.whole("count").orElse(0L) + ", runs "
                        + status.whole("activeRuns").orElse(0L));
                sessions.items("recent").forEach(row -> shell.say("  " + row.text("key").orElse("?") + "  "
                        + age(row.whole("age").orElse(0L))));
                return ExitCode.OK;
            }
        }

        private static String age(long ms) {
            Duration age = Duration.ofMillis(ms);
            return age.toHours() > 0
                    ? age.toHours() + " h ago"
                    : age.toMinutes() > 0
                            ? age.toMinutes() + " min ago"
                            : age.toSeconds() + " s ago";
        }
    }

    /// `gateway probe`.
    @Command(name = "probe", description = "See whether a gateway can be reached; exit 1 if not.", mixinStandardHelpOptions = true)
    static final class Probe implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Option(names = "--json", description = "Print the result on one line.")
        private boolean json;

        Probe(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            long begun = System.nanoTime();
            URI uri = target.uri(shell);
            Map<String, Object> result = new LinkedHashMap<>();
            String error = null;
            try (GatewayClient client = target.connect(shell)) {
                result.put("protocol", client.hello().whole("protocol").orElse(0L));
                result.put("server", client.hello().at("server").orElse(Json.Null.VALUE));
            } catch (ClientException e) {
                error = String.valueOf(e.getMessage());
            }
            result.put("ok", error == null);
            result.put("url", uri.toString());
            result.put("latencyMs", (System.nanoTime() - begun) / 1_000_000);
            if (error != null) {
                result.put("error", error);
            }
            if (json) {
                shell.json(result);
            } else {
                shell.say(error == null
                        ? "Reachable: " + uri + " (" + result.get("latencyMs") + " ms)"
                        : "Not reachable: " + error);
            }
            return error == null ? ExitCode.OK : ExitCode.FAILED;
        }
    }
}
