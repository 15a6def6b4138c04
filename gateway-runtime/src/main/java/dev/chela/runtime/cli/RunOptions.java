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

    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");

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
        var options = new RunOptions(values, verbose);
        return options.mistake().isEmpty() ? Optional.of(options) : Optional.empty();
    }

    /// What cannot be meant, if anything.
    Optional<String> mistake() {
        String port = values.get("port");
        if (port != null && (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535)) {
            return Optional.of("--port must be a number from 0 to 65535, not '" + port + "'");
        } else if (!LEVELS.contains(values.getOrDefault("log-level", "info"))) {
            return Optional.of("--log-level must be one of " + String.join(", ", LEVELS) + ", not '"
                    + values.get("log-level") + "'");
        }
        return values.entrySet().stream().filter(option -> option.getValue().isBlank()).findFirst()
                .map(option -> "--" + option.getKey() + " needs a value");
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
