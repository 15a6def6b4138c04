package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/// What `--help` prints.
class HelpTest {

    @TestFactory
    Stream<DynamicTest> everyCommandExplainsItselfAndItsOptions() {
        var shell = new Shell(new PrintStream(PrintStream.nullOutputStream()),
                new PrintStream(PrintStream.nullOutputStream()), Map.of());
        List<CommandSpec> all = new ArrayList<>();
        collect(Commands.tree(shell), all);
        return all.stream().map(command -> DynamicTest.dynamicTest(command.qualifiedName(), () -> check(command)));
    }

    private static void collect(CommandLine command, List<CommandSpec> all) {
        all.add(command.getCommandSpec());
        command.getSubcommands().values().forEach(sub -> collect(sub, all));
    }

    /// The library takes every text for a format, and prints a warning into the help where it is none.
    private static void check(CommandSpec command) {
        UsageMessageSpec usage = command.usageMessage();
        List<String> texts = new ArrayList<>();
        Stream.of(usage.description(), usage.header(), usage.footer()).forEach(lines -> texts.addAll(List.of(lines)));
        command.args().forEach(arg -> {
            assertFalse(arg.description().length == 0, () -> arg + " is not explained");
            texts.addAll(List.of(arg.description()));
        });
        assertFalse(usage.description().length == 0, "is not explained");
        texts.forEach(text -> assertEquals(text.replace("%%", "%").replace("%n", "\n"),
                String.format(Locale.ROOT, text)));
    }
}
