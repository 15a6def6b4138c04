package dev.chela.runtime.plugin;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// What became of one jar.
///
/// @param file its name in the folder
/// @param origin `bundled` or `user`
/// @param id the plugin's id; null if the jar doesn't say
/// @param version the plugin's version; null if the jar doesn't say
/// @param state what became of it
/// @param reason why it is not loaded; null if it is
/// @param brings names of what it registered, by kind
/// @param loadMs how long loading took
/// @param spins whether its code has kept a thread busy for too long, and still does
public record PluginReport(String file, String origin, @Nullable String id, @Nullable String version, String state,
        @Nullable String reason, Map<String, List<String>> brings, long loadMs,
        boolean spins) {

    /// It serves.
    public static final String LOADED = "loaded";
    /// It cannot serve.
    public static final String REFUSED = "refused";
    /// The configuration says no.
    public static final String DISABLED = "disabled";

    PluginReport spinning() {
        return new PluginReport(file, origin, id, version, state, reason, brings, loadMs, true);
    }

    /// Whether it serves.
    public boolean isLoaded() {
        return state.equals(LOADED);
    }

    /// Whether it could not be loaded.
    public boolean isRefused() {
        return state.equals(REFUSED);
    }
}
