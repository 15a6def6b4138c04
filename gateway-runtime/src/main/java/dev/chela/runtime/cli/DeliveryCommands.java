package dev.chela.runtime.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `chela message …` and `chela delivery …`: sending messages, and what became of them.
final class DeliveryCommands {

    private DeliveryCommands() {}

    static CommandLine messages(Shell shell) {
        return Group.of("message", "Say something in a channel.", new Send(shell));
    }

    static CommandLine tree(Shell shell) {
        return Group.of("delivery",
                "See which messages are on their way, and what to do about those that were given up.",
                new ListAll(shell), new Retry(shell), new Drop(shell));
    }

    /// `message send`.
    @Command(name = "send", description = "Send a message through a channel. It is on the gateway's disk before this says so, and sent"
            + " later if it cannot be sent now.", mixinStandardHelpOptions = true)
    static final class Send extends Question {

        @Option(names = "--channel", paramLabel = "CHANNEL", description = "The channel's id (default: the only one there is).")
        private @Nullable String channel;

        @Option(names = "--account", paramLabel = "ACCOUNT", description = "The account (default: the channel's default account).")
        private @Nullable String account;

        @Option(names = {"-t",
                "--to"}, paramLabel = "CHAT", required = true, description = "The chat, as the service names it.")
        private String to = "";

        @Option(names = "--thread", paramLabel = "ID", description = "The thread within it.")
        private @Nullable String thread;

        @Option(names = {"-m", "--message"}, paramLabel = "TEXT", description = "What to say.")
        private @Nullable String message;

        @Option(names = "--media", paramLabel = "URL", description = "The address of a file to send; may be repeated.")
        private List<String> media = new ArrayList<>();

        @Option(names = "--key", paramLabel = "KEY", description = "Send only once, however often this is repeated with the same"
                + " key.")
        private @Nullable String key;

        Send(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "send";
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("channel", channel);
            params.put("accountId", account);
            params.put("to", to);
            params.put("threadId", thread);
            params.put("message", message);
            params.put("mediaUrls", media.isEmpty() ? null : media);
            params.put("idempotencyKey", key == null ? UUID.randomUUID().toString() : key);
        }

        /// The gateway itself waits for the service for a while.
        @Override
        Duration timeout() {
            return super.timeout().plusSeconds(10);
        }

        @Override
        int show(Json sent) {
            shell().say("Sent: " + sent.text("channel").orElse("") + " " + sent.text("messageId").orElse(""));
            return ExitCode.OK;
        }
    }

    /// `delivery list`.
    @Command(name = "list", description = "List the messages that wait or were given up, the oldest first.", mixinStandardHelpOptions = true)
    static final class ListAll extends Question {

        @Option(names = "--state", paramLabel = "STATE", description = "Only those that are waiting, sending, sent, failed or dropped.")
        private @Nullable String state;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "How many (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "delivery.list";
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("limit", limit);
            params.put("state", state);
        }

        @Override
        int show(Json list) {
            var table = new Table();
            list.items("deliveries").forEach(row -> table.row(row.text("id").orElse("?"), row.text("state").orElse("?"),
                    row.text("channel").orElse("") + " " + row.text("accountId").orElse("") + " "
                            + row.text("to").orElse(""),
                    row.whole("acceptedAt").map(ms -> Instant.ofEpochMilli(ms).toString().substring(0, 19) + "Z")
                            .orElse(""),
                    row.whole("attempts").orElse(0L) + " attempts"
                            + (row.flag("repeated").orElse(false) ? ", may have arrived" : ""),
                    row.text("error").orElse("")));
            table.print(shell());
            shell().say(list.whole("waiting").orElse(0L) + " on their way, " + list.whole("failed").orElse(0L)
                    + " given up");
            return ExitCode.OK;
        }
    }

    /// What a command does to one message.
    abstract static class OnMessage extends Question {

        private final String method;
        private final String done;

        @Parameters(paramLabel = "ID", description = "The message's id, as `chela delivery list` shows it.")
        private String id = "";

        OnMessage(Shell shell, String method, String done) {
            super(shell);
            this.method = method;
            this.done = done;
        }

        @Override
        String method() {
            return method;
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("id", id);
        }

        @Override
        int show(Json answer) {
            shell().say(done + ": " + id);
            return ExitCode.OK;
        }
    }

    /// `delivery retry`.
    @Command(name = "retry", description = "Send a message again that was given up.", mixinStandardHelpOptions = true)
    static final class Retry extends OnMessage {

        Retry(Shell shell) {
            super(shell, "delivery.retry", "On its way again");
        }
    }

    /// `delivery drop`.
    @Command(name = "drop", description = "Throw a message away that waits or was given up.", mixinStandardHelpOptions = true)
    static final class Drop extends OnMessage {

        Drop(Shell shell) {
            super(shell, "delivery.drop", "Dropped");
        }
    }
}
