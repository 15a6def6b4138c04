package dev.chela.runtime.plugin;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Json;
import dev.chela.runtime.config.Config;

import org.jspecify.annotations.Nullable;

/// What the configuration says for one plugin, and where.
///
/// @param path where it stands, as a person would write it
record OwnSettings(String path, Json value) {

    private static final Json NOTHING = new Json.Obj(Map.of());

    /// The settings of a plugin: its section, else its entry among the plugins.
    ///
    /// @throws IllegalArgumentException if there are both
    static OwnSettings of(Config config, Descriptor plugin) {
        @Nullable
        Json section = plugin.section().isEmpty() ? null : config.sections().get(plugin.section());
        Config.PluginEntry entry = config.plugin(plugin.id());
        @Nullable
        Json entered = entry == null ? null : entry.config();
        String path = "plugins.entries." + plugin.id() + ".config";
        if (section != null && entered != null) {
            throw new IllegalArgumentException(
                    "both " + plugin.section() + " and " + path + " are configured; keep one");
        } else if (entered == null && !plugin.section().isEmpty()) {
            return new OwnSettings(plugin.section(), section == null || section instanceof Json.Null
                    ? NOTHING
                    : section);
        }
        return new OwnSettings(path, entered == null ? NOTHING : entered);
    }

    /// Why a plugin need not be loaded, if it wants to be loaded only for its settings and there are none.
    static Optional<String> needless(Config config, Descriptor plugin) {
        if (!plugin.onDemand()) {
            return Optional.empty();
        }
        Config.PluginEntry entry = config.plugin(plugin.id());
        boolean wanted = says(config.sections().get(plugin.section()))
                || (entry != null && says(entry.config()));
        return wanted
                ? Optional.empty()
                : Optional.of("not needed: nothing is configured in " + (plugin.section().isEmpty()
                        ? "plugins.entries." + plugin.id() + ".config"
                        : plugin.section()));
    }

    /// Whether there is anything but empty objects and lists.
    private static boolean says(@Nullable Json value) {
        return switch (value) {
            case null -> false;
            case Json.Null _ -> false;
            case Json.Obj(Map<String, Json> members) -> members.values().stream().anyMatch(OwnSettings::says);
            case Json.Arr(List<Json> items) -> items.stream().anyMatch(OwnSettings::says);
            default -> true;
        };
    }
}
