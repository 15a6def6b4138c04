package dev.chela.api;

import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.Tool;
import dev.chela.api.agent.ToolShelf;
import dev.chela.api.channel.Channel;
import dev.chela.api.event.EventType;
import dev.chela.api.hook.Hook;
import dev.chela.api.http.Route;
import dev.chela.api.rpc.Method;
import dev.chela.api.session.Command;

/// Takes what a plugin brings, one method per kind. Valid only during [GatewayPlugin#register].
///
/// Nothing becomes visible before the whole plugin has registered and checked. Each method throws
/// [IllegalArgumentException] that names the thing if it can't be taken.
public interface Registrar {

    /// Who this plugin is and what the gateway lends it; may be kept.
    PluginContext context();

    /// Adds an RPC method. It is advertised at the handshake under its name.
    void method(Method<?> method);

    /// Adds a kind of news; only registered kinds can be published.
    void event(EventType<?> type);

    /// Adds an HTTP route.
    void route(Route route);

    /// Adds an agent engine.
    ///
    /// @param id lower-case letters, digits and dashes; unique in the gateway
    void engine(String id, AgentEngine engine);

    /// Adds a messaging service.
    void channel(Channel<?> channel);

    /// Adds a slash command for chats.
    void command(Command command);

    /// Adds a tool that agents may call.
    void tool(Tool<?> tool);

    /// Adds tools that come and go while the plugin runs; none at first.
    ///
    /// @param name whose tools they are, for the log; unique within the plugin
    /// @return takes the tools; may be kept
    ToolShelf tools(String name);

    /// Adds a hook.
    void hook(Hook<?> hook);

    /// Adds background work.
    void service(Service service);

    /// Adds a part to the gateway's health.
    ///
    /// @param name unique within the plugin
    void health(String name, HealthProbe probe);
}
