package dev.chela.plugin.heartbeat;

import java.util.Map;

import dev.chela.api.GatewayPlugin;
import dev.chela.api.Registrar;
import dev.chela.api.event.Audience;
import dev.chela.api.event.EventType;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.Method;
import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.api.session.Sessions;

import org.jspecify.annotations.Nullable;

/// Brings `wake`, `last-heartbeat`, `set-heartbeats` and the event `heartbeat`.
public final class HeartbeatPlugin implements GatewayPlugin {

    /// It may hold the beginning of what an agent said, so it needs the scope of `last-heartbeat`.
    static final EventType<Heartbeat> EVENT = EventType
            .of("heartbeat", Heartbeat.class, Audience.holders(Scope.READ)).mayDrop();

    private @Nullable Heartbeats heartbeats;

    record Switch(boolean enabled) {}

    /// Clients may send more than is needed here.
    @Open
    record Wake(@OneOf({"now", "next-heartbeat"}) String mode, @Bounds(min = 1, max = 4096) String text,
            @Nullable String sessionKey, @Nullable String agentId) {}

    @Override
    public void register(Registrar registrar) {
        var beats = new Heartbeats(registrar.context());
        heartbeats = beats;
        registrar.event(EVENT);
        registrar.method(Method.of("last-heartbeat", Scope.READ, NoParams.class, (params, call) -> beats.last()));
        registrar.method(Method.of("set-heartbeats", Scope.ADMIN, Switch.class, (params, call) -> {
            beats.enable(params.enabled());
            return Map.of("ok", true, "enabled", params.enabled());
        }));
        registrar.method(Method.of("wake", Scope.WRITE, Wake.class, (params, call) -> {
            if (params.text().isBlank()) {
                throw RpcException.invalid("text required");
            }
            try {
                beats.wake(session(registrar.context().sessions(), params), params.text().strip(),
                        params.mode().equals("now"));
            } catch (IllegalArgumentException e) {
                throw RpcException.invalid(String.valueOf(e.getMessage()));
            }
            return Map.of("ok", true);
        }));
    }

    private static SessionKey session(Sessions sessions, Wake wake) {
        if (wake.sessionKey() != null) {
            return sessions.canonical(wake.sessionKey());
        }
        return wake.agentId() == null ? sessions.main() : sessions.canonical("agent:" + wake.agentId() + ":main");
    }

    @Override
    public void close() {
        if (heartbeats != null) {
            heartbeats.close();
        }
    }
}
