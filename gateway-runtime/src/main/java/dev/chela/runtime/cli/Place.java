package dev.chela.runtime.cli;

import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// Which gateway of this machine is meant: its state folder and its configuration.
///
/// @param stateDir as given; null if not
/// @param profile as given; null if not
/// @param config as given; null if not
record Place(@Nullable String stateDir, @Nullable String profile, @Nullable String config) {

    /// The state folder: named, or by the profile's name, or the user's own.
    Path folder(Map<String, String> environment) {
        if (stateDir != null) {
            return Path.of(stateDir);
        }
        String variable = environment.getOrDefault("CHELA_STATE_DIR", "");
        if (!variable.isBlank()) {
            return Path.of(variable);
        }
        if (profile != null && !profile.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")) {
            throw new IllegalArgumentException("a profile's name is letters, digits, dashes and underscores, at most"
                    + " 64, not '" + profile + "'");
        }
        return Path.of(System.getProperty("user.home"), profile == null ? ".chela" : ".chela-" + profile);
    }

    /// The configuration that was named; empty if none was.
    String configFile(Map<String, String> environment) {
        return config != null ? config : environment.getOrDefault("CHELA_CONFIG_PATH", "");
    }
}
