package dev.chela.runtime.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/// A command that has nothing but commands.
@Command(mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class Group implements Runnable {

    @CommandLine.Spec
    private CommandSpec spec = CommandSpec.create();

    /// @param description what its commands are for
    static CommandLine of(String name, String description, Object... commands) {
        var line = new CommandLine(new Group());
        line.getCommandSpec().name(name).usageMessage().description(description);
        for (Object command : commands) {
            line.addSubcommand(command);
        }
        return line;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }
}
