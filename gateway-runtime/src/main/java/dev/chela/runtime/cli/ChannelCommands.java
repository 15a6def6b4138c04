package dev.chela.runtime.cli;

import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `chela channels …`: how the accounts of messaging services are.
final class ChannelCommands {

    private ChannelCommands() {}

    static CommandLine tree(Shell shell) {
        return Group.of("channels", "See how the accounts of messaging services are; start, stop and leave them.",
                new Status(shell), new Start(shell), new Stop(shell), new Logout(shell));
    }

    /// `channels status`.
    @Command(name = "status", description = "List all accounts.", mixinStandardHelpOptions = true)
    static final class Status extends Question {

        @Option(names = "--probe", description = "Ask every account whether it could work.")
        private boolean probe;

        Status(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "channels.status";
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("probe", probe);
        }

        @Override
        int show(Json status) {
            var table = new Table();
            List<Json> channels = status.items("channelOrder");
            for (Json name : channels) {
                String id = String.valueOf(name.plain());
                List<Json> accounts = status.at("channelAccounts").map(all -> all.items(id)).orElse(List.of());
                accounts.forEach(account -> row(table, id, account));
                if (accounts.isEmpty()) {
                    table.row(id, "-", "not configured", status.at("channels").flatMap(all -> all.at(id))
                            .flatMap(one -> one.text("lastError")).orElse(""));
                }
            }
            table.print(shell());
            if (channels.isEmpty()) {
                shell().say("No plugin brings a channel; see `chela plugins list`.");
            }
            return ExitCode.OK;
        }

        private static void row(Table table, String channel, Json account) {
            String detail = account.text("lastError").or(() -> account.text("detail"))
                    .or(() -> account.text("lastIgnored").map(why -> "ignored a message: " + why)).orElse("");
            String probed = account.at("probe").map(said -> said.flag("ok").orElse(false)
                    ? "probe ok"
                    : "probe failed: " + said.text("error").orElse("")).orElse("");
            table.row(channel, account.text("accountId").orElse("?"), account.text("healthState").orElse("?"),
                    probed.isEmpty() ? detail : detail.isEmpty() ? probed : probed + "; " + detail);
        }
    }

    /// What a command does to one account.
    abstract static class OnAccount extends Question {

        private final String method;

        @Parameters(index = "0", paramLabel = "CHANNEL", description = "The channel's id.")
        private String channel = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "ACCOUNT", description = "The account's id (default: the"
                + " channel's default account).")
        private @Nullable String account;

        OnAccount(Shell shell, String method) {
            super(shell);
            this.method = method;
        }

        @Override
        String method() {
            return method;
        }

        @Override
        void fill(Map<String, @Nullable Object> params) {
            params.put("channel", channel);
            params.put("accountId", account);
        }

        static String name(Json answer) {
            return answer.text("channel").orElse("") + " " + answer.text("accountId").orElse("");
        }

        int show(boolean done, String success, String failure) {
            if (done) {
                shell().say(success);
                return ExitCode.OK;
            }
            shell().fail(failure);
            return ExitCode.FAILED;
        }
    }

    /// `channels start`.
    @Command(name = "start", description = "Start an account.", mixinStandardHelpOptions = true)
    static final class Start extends OnAccount {

        Start(Shell shell) {
            super(shell, "channels.start");
        }

        @Override
        int show(Json answer) {
            return show(answer.flag("started").orElse(false), "Started: " + name(answer),
                    name(answer) + " is not started: "
                            + answer.at("outcome").flatMap(outcome -> outcome.text("reason")).orElse("?"));
        }
    }

    /// `channels stop`.
    @Command(name = "stop", description = "Stop an account until it is started again, or the gateway is.", mixinStandardHelpOptions = true)
    static final class Stop extends OnAccount {

        Stop(Shell shell) {
            super(shell, "channels.stop");
        }

        @Override
        int show(Json answer) {
            return show(answer.flag("stopped").orElse(false), "Stopped: " + name(answer),
                    name(answer) + " was told to stop, but still works");
        }
    }

    /// `channels logout`.
    @Command(name = "logout", description = "Stop an account and give up what it is logged in with.", mixinStandardHelpOptions = true)
    static final class Logout extends OnAccount {

        Logout(Shell shell) {
            super(shell, "channels.logout");
        }

        @Override
        int show(Json answer) {
            return show(true, "Logged out: " + name(answer), "");
        }
    }
}
