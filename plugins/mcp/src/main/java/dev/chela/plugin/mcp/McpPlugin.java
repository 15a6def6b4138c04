package dev.chela.plugin.mcp;

import java.util.ArrayList;
import java.util.List;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.PluginContext;
import dev.chela.api.Registrar;

import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/// Brings the tools of all configured MCP servers; each has a shelf of tools and a part in the gateway's health.
public final class McpPlugin implements GatewayPlugin {

    private @Nullable Servers servers;

    @Override
    public void register(Registrar registrar) {
        PluginContext context = registrar.context();
        McpSettings settings = context.settings(McpSettings.class).current();
        List<Server> all = new ArrayList<>();
        settings.serversOrNone().forEach((name, one) -> {
            if (one.isEnabled()) {
                var server = new Server(name, one, registrar.tools(name), context);
                registrar.health(name, server::health);
                all.add(server);
            }
        });
        var started = new Servers(all);
        servers = started;
        registrar.service(started);
    }

    /// The SDK's scheduler has threads that would hold this plugin's classes.
    @Override
    public void close() {
        if (servers != null && servers.wereStarted()) {
            Schedulers.shutdownNow();
        }
    }
}
