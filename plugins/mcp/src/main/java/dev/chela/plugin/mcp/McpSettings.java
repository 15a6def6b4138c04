package dev.chela.plugin.mcp;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/// What the operator may set under `mcp`.
///
/// @param servers by name
record McpSettings(@Nullable Map<String, ServerSettings> servers) {

    /// The most servers.
    static final int MAX_SERVERS = 32;
    private static final int MAX_NAME = 40;

    /// Names are the beginnings of tools' names.
    McpSettings {
        if (servers != null) {
            if (servers.size() > MAX_SERVERS) {
                throw new IllegalArgumentException(
                        "there are " + servers.size() + " servers, more than " + MAX_SERVERS);
            }
            servers.keySet().forEach(name -> {
                if (name.isBlank() || name.length() > MAX_NAME) {
                    throw new IllegalArgumentException("the name of a server has 1 to " + MAX_NAME + " characters: '"
                            + name + "'");
                }
            });
        }
    }

    Map<String, ServerSettings> serversOrNone() {
        return servers == null ? Map.of() : servers;
    }
}
