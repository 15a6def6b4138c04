package dev.chela.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

import dev.chela.runtime.auth.Authenticator;
import dev.chela.runtime.auth.OriginPolicy;
import dev.chela.runtime.connection.Connections;
import dev.chela.runtime.connection.Handshake;
import dev.chela.runtime.connection.Presence;
import dev.chela.runtime.dispatch.Dispatcher;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.http.HttpChain;
import dev.chela.runtime.pairing.Pairing;
import dev.chela.runtime.protocol.Version;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.transport.Entrance;

/// Everything between the port and the handlers: connections, dispatch, events, HTTP.
final class Talk {

    final Broadcaster broadcaster = new Broadcaster();
    final Presence presence;
    final Dispatcher dispatcher;
    final Welcome welcome;
    final Connections connections;
    final HttpChain chain;
    final Entrance entrance;

    /// @param keys names the main session
    /// @param readiness how far the gateway is
    Talk(Options options, Ground ground, Supplier<SessionKeys> keys, Supplier<HttpChain.Readiness> readiness) {
        presence = new Presence(options.clock(), self());
        dispatcher = new Dispatcher(ground.threads, options.clock(), options.limits().frame());
        welcome = new Welcome(presence, options.limits(), options.clock(), keys);
        var authenticator = new Authenticator(ground.secrets::secret);
        var origins = new OriginPolicy(ground.config.config().allowedOrigins());
        var handshake = new Handshake(authenticator, () -> origins, new Pairing(), options.clock());
        connections = new Connections(new Connections.Parts(ground.threads, options.clock(), options.limits(),
                handshake, dispatcher, broadcaster, presence, options.handles(), welcome::parts, welcome::ofPresence));
        chain = new HttpChain(authenticator, readiness);
        entrance = new Entrance(connections, chain);
    }

    /// The gateway's own entry among those who are present.
    private static Presence.Entry self() {
        String host = hostName();
        String version = Version.CURRENT.product();
        String platform = System.getProperty("os.name").toLowerCase(Locale.ROOT) + " "
                + System.getProperty("os.version");
        String text = "Gateway: " + host + " · app " + version + " · mode gateway · reason self";
        return new Presence.Entry(host, null, version, platform, null, null, "gateway", null, "self", text, 0, null,
                List.of("gateway"), null, null, null);
    }

    private static String hostName() {
        String variable = System.getenv("HOSTNAME");
        if (variable != null && !variable.isBlank()) {
            return variable;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
