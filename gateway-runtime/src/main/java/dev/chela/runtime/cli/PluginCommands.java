package dev.chela.runtime.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.GatewayClient;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `chela plugins …`: what became of the jars.
final class PluginCommands {

    private PluginCommands() {}

    static CommandLine tree(Shell shell) {
        return Group.of("plugins", "See which plugins a running gateway has, and why it refused others.",
                new ListAll(shell), new Info(shell));
    }

    private static List<Json> ask(Target target, Shell shell) throws Exception {
        try (GatewayClient client = target.connect(shell)) {
            return client.call("plugins.list", Json.of(Map.of()), target.timeout()).items("plugins");
        }
    }

    /// `plugins list`.
    @Command(name = "list", description = "List all plugin jars: loaded, disabled or refused, with the reason.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Option(names = "--json", description = "Print everything on one line.")
        private boolean json;

        ListAll(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            List<Json> plugins = ask(target, shell);
            if (json) {
                shell.json(plugins);
                return ExitCode.OK;
            }
            int width = plugins.stream().mapToInt(plugin -> plugin.text("id").orElse("?").length()).max().orElse(0);
            for (Json plugin : plugins) {
                String id = plugin.text("id").orElse("?");
                shell.say(id + " ".repeat(width - id.length()) + "  "
                        + word(plugin.text("state").orElse("?")) + "  "
                        + plugin.text("version").orElse("-") + "  "
                        + plugin.text("origin").orElse("")
                        + plugin.text("error").map(reason -> "  " + file(plugin, id) + reason).orElse("")
                        + (plugin.flag("spins").orElse(false) ? "  keeps a thread busy without end" : ""));
            }
            return ExitCode.OK;
        }

        /// A jar that is refused may have the id of another one.
        private static String file(Json plugin, String id) {
            return plugin.text("file").filter(name -> !name.equals(id)).map(name -> name + ": ").orElse("");
        }

        private static String word(String state) {
            return switch (state) {
                case "enabled" -> "loaded  ";
                case "error" -> "refused ";
                default -> state;
            };
        }
    }

    /// `plugins info`.
    @Command(name = "info", description = "Show what one plugin brings.", mixinStandardHelpOptions = true)
    static final class Info implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Parameters(paramLabel = "ID", description = "The plugin's id, or the name of a refused jar.")
        private String id = "";

        @Option(names = "--json", description = "Print everything on one line.")
        private boolean json;

        Info(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            List<Json> named = ask(target, shell).stream()
                    .filter(plugin -> plugin.text("id").filter(id::equals).isPresent()).toList();
            Optional<Json> found = named.stream().filter(plugin -> plugin.text("state").filter("enabled"::equals)
                    .isPresent()).findFirst().or(() -> named.stream().findFirst());
            if (found.isEmpty()) {
                shell.fail("there is no plugin '" + id + "'; see `chela plugins list`");
                return ExitCode.FAILED;
            } else if (json) {
                shell.json(found.get());
                return ExitCode.OK;
            }
            Json plugin = found.get();
            for (String field : List.of("id", "version", "origin", "file", "state", "error")) {
                plugin.text(field).ifPresent(value -> shell.say(label(field) + value));
            }
            plugin.whole("loadMs").ifPresent(ms -> shell.say(label("loaded in") + ms + " ms"));
            if (plugin.at("brings").orElse(Json.Null.VALUE) instanceof Json.Obj(Map<String, Json> kinds)) {
                kinds.forEach((kind, names) -> shell.say(label(kind) + plugin.at("brings").orElseThrow()
                        .items(kind).stream().map(name -> String.valueOf(name.plain()))
                        .collect(Collectors.joining(", "))));
            }
            return ExitCode.OK;
        }

        private static String label(String name) {
            return name + " ".repeat(Math.max(1, 12 - name.length()));
        }
    }
}
