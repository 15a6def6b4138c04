package dev.chela.runtime.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.ClientException;
import dev.chela.runtime.client.GatewayClient;
import dev.chela.runtime.json.JsonCodec;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `chela sessions …`: chat sessions, and what was said in them.
final class SessionCommands {

    private static final int PAGE = 500;

    private SessionCommands() {}

    static CommandLine tree(Shell shell) {
        return Group.of("sessions", "List chat sessions, and take what was said in one elsewhere.", new ListAll(shell),
                new Export(shell));
    }

    /// `sessions list`.
    @Command(name = "list", description = "List sessions, the newest first.", mixinStandardHelpOptions = true)
    static final class ListAll extends Question {

        @Option(names = "--search", paramLabel = "TEXT", description = "Only those with that text in their key, name or title.")
        private @Nullable String search;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "How many (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "sessions.list";
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("limit", limit);
            params.put("includeDerivedTitles", true);
            params.put("search", search);
        }

        @Override
        int show(Json list) {
            var table = new Table();
            list.items("sessions").forEach(row -> table.row(row.text("key").orElse("?"),
                    row.whole("updatedAt").map(SessionCommands::time).orElse(""),
                    row.text("label").or(() -> row.text("displayName")).or(() -> row.text("derivedTitle")).orElse("")));
            table.print(shell());
            return ExitCode.OK;
        }
    }

    private static String time(long ms) {
        return Instant.ofEpochMilli(ms).toString().substring(0, 19) + "Z";
    }

    /// `sessions export`.
    @Command(name = "export", description = "Write what was said in a session as Markdown, or as JSON lines.", mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Parameters(paramLabel = "KEY", description = "The session's key, such as main or agent:main:main.")
        private String key = "";

        @Option(names = {"-o",
                "--output"}, paramLabel = "FILE", description = "A new file to write to, for you alone to read (default: the terminal).")
        private @Nullable Path output;

        @Option(names = "--json", description = "One message per line, as chat.history has it.")
        private boolean json;

        Export(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            List<Json> messages;
            try (GatewayClient client = target.connect(shell)) {
                messages = messages(client);
            }
            if (messages.isEmpty()) {
                shell.fail("nothing was said in session '" + key + "'");
                return ExitCode.FAILED;
            }
            String text = messages.stream().map(this::write).collect(Collectors.joining());
            if (output == null) {
                shell.out().print(Shell.text(text));
                return ExitCode.OK;
            }
            try (var out = new PrintStream(Files.newOutputStream(made(output), StandardOpenOption.WRITE), false,
                    StandardCharsets.UTF_8)) {
                out.print(text);
                if (out.checkError()) {
                    throw new IOException(output + " cannot be written");
                }
            }
            shell.say(messages.size() + " messages: " + output);
            return ExitCode.OK;
        }

        private static Path made(Path file) throws IOException {
            try {
                return Files.createFile(file, PosixFilePermissions.asFileAttribute(
                        Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
            } catch (FileAlreadyExistsException e) {
                throw new IOException(file + " exists already", e);
            }
        }

        /// What is added meanwhile moves the pages: each message counts once, in its place.
        private List<Json> messages(GatewayClient client) throws ClientException, InterruptedException {
            SortedMap<Long, Json> all = new TreeMap<>();
            boolean more = true;
            for (int offset = 0; more;) {
                Json page = client.call("chat.history",
                        Json.of(Map.of("sessionKey", key, "limit", PAGE, "offset", offset)), target.timeout());
                List<Json> messages = page.items("messages");
                messages.forEach(message -> all.put(
                        message.at("__openclaw").flatMap(own -> own.whole("seq")).orElse(0L), message));
                offset += messages.size();
                more = page.flag("hasMore").orElse(false) && !messages.isEmpty();
            }
            return List.copyOf(all.values());
        }

        private String write(Json message) {
            if (json) {
                return new JsonCodec().encode(message) + "\n";
            }
            String text = message.items("content").stream().map(Export::part).filter(part -> !part.isEmpty())
                    .collect(Collectors.joining("\n\n"));
            String error = message.text("errorMessage").map(why -> (text.isEmpty() ? "" : "\n\n") + "> " + why)
                    .orElse("");
            return "## " + message.text("role").orElse("?") + ", "
                    + message.whole("timestamp").map(SessionCommands::time).orElse("") + "\n\n" + text + error + "\n\n";
        }

        private static String part(Json part) {
            return switch (part.text("type").orElse("")) {
                case "text" -> part.text("text").orElse("");
                case "toolCall" -> "`" + part.text("name").orElse("?") + " "
                        + new JsonCodec().encode(part.at("arguments").orElse(Json.Null.VALUE)) + "`";
                default ->
                    "[" + part.text("type").orElse("?") + part.text("fileName").map(name -> " " + name).orElse("")
                            + "]";
            };
        }
    }
}
