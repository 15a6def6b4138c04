package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.io.PrintWriter;

import dev.chela.runtime.config.ConfigException;
import dev.chela.runtime.protocol.Version;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// All commands but the quick ones.
@Command(name = "chela", description = "A plugin gateway that speaks the OpenClaw gateway protocol.", mixinStandardHelpOptions = true, versionProvider = Commands.VersionText.class, synopsisSubcommandLabel = "COMMAND", footer = {
        "", "Start with:  chela gateway run", "Then try:    chela agent --message \"hello\""})
final class Commands implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    static final class VersionText implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[]{"chela " + Version.CURRENT.product() + " (plugin API " + Version.CURRENT.api() + ")"};
        }
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }

    static int run(Shell shell, String... args) {
        CommandLine line = tree(shell);
        line.setOut(writer(shell.out())).setErr(writer(shell.err()));
        line.setExecutionExceptionHandler((e, _, _) -> {
            shell.fail(e.getMessage() == null ? e.toString() : e.getMessage());
            return e instanceof ConfigException
                    ? ExitCode.UNUSABLE
                    : e instanceof IllegalArgumentException ? ExitCode.USAGE : ExitCode.FAILED;
        });
        return line.execute(args);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    static CommandLine tree(Shell shell) {
        return new CommandLine(new Commands()).addSubcommand("gateway", GatewayCommands.tree(shell))
                .addSubcommand(new AgentCommand(shell))
                .addSubcommand("plugins", PluginCommands.tree(shell))
                .addSubcommand("channels", ChannelCommands.tree(shell))
                .addSubcommand("sessions", SessionCommands.tree(shell))
                .addSubcommand("message", DeliveryCommands.messages(shell))
                .addSubcommand("delivery", DeliveryCommands.tree(shell)).addSubcommand(new CommandLine.HelpCommand());
    }
}
