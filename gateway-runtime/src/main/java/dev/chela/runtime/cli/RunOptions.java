package dev.chela.runtime.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/// The options of `gateway run`, understood without the command line library: loading that takes longer than all the rest
/// of a start.
///
/// @param values what was given, by option name without dashes
/// @param verbose whether everything is logged
record RunOptions(Map<String, String> values, boolean verbose) {

    /// The options with a value.
    static final List<String> NAMES = List.of("port", "bind", "token", "auth", "password", "config", "state-dir",
            "profile", "log-level");

    /// Understands `gateway run` with options; anything else, mistakes included, is left to the library.
    static Optional<RunOptions> parse(String... args) {
        if (args.length < 2 || !args[0].equals("gateway") || !args[1].equals("run")) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        boolean verbose = false;
        for (int i = 2; i < args.length; i++) {
            String arg = args[i];
            int equals = arg.indexOf('=');
            String name = !arg.startsWith("--") ? "" : arg.substring(2, equals < 0 ? arg.length() : equals);
            if (arg.equals("--verbose")) {
                verbose = true;
            } else if (!Set.copyOf(NAMES).contains(name) || (equals < 0 && i + 1 == args.length)) {
                return Optional.empty();
            } else {
                values.put(name, equals < 0 ? args[++i] : arg.substring(equals + 1));
            }
        }
        return isNumber(values.get("port")) ? Optional.of(new RunOptions(values, verbose)) : Optional.empty();
    }

    private static boolean isNumber(@Nullable String text) {
        return text == null || text.matches("\\d{1,5}");
    }

    @Nullable
    String value(String name) {
        return values.get(name);
    }

    @Nullable
    Integer port() {
        String text = values.get("port");
        return text == null ? null : Integer.valueOf(text);
    }

    Place place() {
        return new Place(value("state-dir"), value("profile"), value("config"));
    }
}
