package dev.chela.runtime.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import dev.chela.api.json.Json;
import dev.chela.runtime.client.GatewayClient;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    static final class Status implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Option(names = "--probe", description = "Ask every account whether it could work.")
        private boolean probe;

        @Option(names = "--json", description = "Print everything on one line.")
        private boolean json;

        Status(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() throws Exception {
            Json status;
            try (GatewayClient client = target.connect(shell)) {
                status = client.call("channels.status", Json.of(Map.of("probe", probe)), target.timeout());
            }
            if (json) {
                shell.json(status);
                return ExitCode.OK;
            }
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
            table.print(shell);
            if (channels.isEmpty()) {
                shell.say("No plugin brings a channel; see `chela plugins list`.");
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
    abstract static class OnAccount implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private Target target = new Target();

        @Parameters(index = "0", paramLabel = "CHANNEL", description = "The channel's id.")
        private String channel = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "ACCOUNT", description = "The account's id (default: the"
                + " channel's default account).")
        private @Nullable String account;

        OnAccount(Shell shell) {
            this.shell = shell;
        }

        Shell shell() {
            return shell;
        }

        abstract String method();

        abstract int tell(String name, Json answer);

        @Override
        public Integer call() throws Exception {
            Map<String, Object> params = new LinkedHashMap<>();
            params.put("channel", channel);
            if (account != null) {
                params.put("accountId", account);
            }
            try (GatewayClient client = target.connect(shell)) {
                Json answer = client.call(method(), Json.of(params), target.timeout());
                return tell(answer.text("channel").orElse("") + " " + answer.text("accountId").orElse(""), answer);
            }
        }
    }

    /// `channels start`.
    @Command(name = "start", description = "Start an account.", mixinStandardHelpOptions = true)
    static final class Start extends OnAccount {

        Start(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "channels.start";
        }

        @Override
        int tell(String name, Json answer) {
            if (answer.flag("started").orElse(false)) {
                shell().say("Started: " + name);
                return ExitCode.OK;
            }
            shell().fail(name + " is not started: "
                    + answer.at("outcome").flatMap(outcome -> outcome.text("reason")).orElse("?"));
            return ExitCode.FAILED;
        }
    }

    /// `channels stop`.
    @Command(name = "stop", description = "Stop an account until it is started again, or the gateway is.", mixinStandardHelpOptions = true)
    static final class Stop extends OnAccount {

        Stop(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "channels.stop";
        }

        @Override
        int tell(String name, Json answer) {
            if (answer.flag("stopped").orElse(false)) {
                shell().say("Stopped: " + name);
                return ExitCode.OK;
            }
            shell().fail(name + " was told to stop, but still works");
            return ExitCode.FAILED;
        }
    }

    /// `channels logout`.
    @Command(name = "logout", description = "Stop an account and give up what it is logged in with.", mixinStandardHelpOptions = true)
    static final class Logout extends OnAccount {

        Logout(Shell shell) {
            super(shell);
        }

        @Override
        String method() {
            return "channels.logout";
        }

        @Override
        int tell(String name, Json answer) {
            shell().say("Logged out: " + name);
            return ExitCode.OK;
        }
    }
}
