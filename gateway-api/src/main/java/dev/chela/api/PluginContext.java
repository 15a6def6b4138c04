package dev.chela.api;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

import dev.chela.api.config.Settings;
import dev.chela.api.event.Events;
import dev.chela.api.json.JsonTexts;
import dev.chela.api.session.Sessions;

/// Who a plugin is and what the gateway lends it. Safe for all threads, valid until [GatewayPlugin#close].
public interface PluginContext {

    /// The plugin's id, as in its manifest.
    String id();

    /// The plugin's version, as in its manifest.
    String version();

    /// A folder of the plugin's own for what must outlive a restart; exists, readable by the gateway's user only.
    Path stateFolder();

    /// The plugin's settings, bound and checked.
    ///
    /// @throws IllegalArgumentException naming path, value and what was expected, if they don't fit
    <C extends Record> Settings<C> settings(Class<C> type);

    /// The environment the gateway was started with.
    Map<String, String> environment();

    /// The time; use this instead of the system clock, so that tests can set it.
    InstantSource clock();

    /// Reads and writes JSON text.
    JsonTexts json();

    /// Where news is told.
    Events events();

    /// The gateway's chat sessions.
    Sessions sessions();

    /// A log under the plugin's name.
    System.Logger log();
}
