package dev.chela.runtime.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;

/// Where commands write, and what they are started with.
///
/// @param environment the variables of the process
record Shell(PrintStream out, PrintStream err, Map<String, String> environment) {

    /// Prints a value for scripts, on one line.
    void json(Object value) {
        out.println(new JsonCodec().encode(value));
    }

    /// Prints a value for people, indented.
    void pretty(Json value) {
        out.println(text(pretty(value, "")));
    }

    /// Prints a line for people. Jars, models and other machines wrote parts of it: what a terminal would obey is left out.
    void say(String line) {
        out.println(line(line));
    }

    /// Prints what went wrong.
    void fail(String message) {
        err.println(text("chela: " + message));
    }

    /// A text of several lines without anything that a terminal obeys.
    static String text(String text) {
        return plain(text, c -> c == '\n' || c == '\t');
    }

    private static String line(String line) {
        return plain(line, _ -> false);
    }

    private static String plain(String text, IntPredicate harmless) {
        return text.codePoints().map(c -> Character.isISOControl(c) && !harmless.test(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static String pretty(Json value, String indent) {
        String inner = indent + "  ";
        return switch (value) {
            case Json.Obj(Map<String, Json> members) when !members.isEmpty() -> members.entrySet().stream()
                    .map(entry -> inner + new JsonCodec().encode(entry.getKey()) + ": "
                            + pretty(entry.getValue(), inner))
                    .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
            case Json.Arr(List<Json> items) when !items.isEmpty() -> items.stream()
                    .map(item -> inner + pretty(item, inner)).collect(Collectors.joining(",\n", "[\n", "\n" + indent
                            + "]"));
            default -> new JsonCodec().encode(value).toString();
        };
    }
}
