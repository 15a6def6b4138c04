package dev.chela.runtime.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;

import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonText;

/// Writes `hello-ok`: everything a client learns at the handshake.
public final class Hello {

    private Hello() {}

    /// What is the same for every client until something changes.
    ///
    /// @param version the gateway's version
    /// @param bootId random per process
    /// @param methods the advertised methods, an array
    /// @param events the advertised events, an array
    /// @param capabilities the contracts of protocol 4 kept here, an array
    public record Features(String version, String bootId, JsonText methods, JsonText events, JsonText capabilities) {}

    /// The state at this moment.
    ///
    /// @param presence an array
    /// @param health an object
    /// @param stateVersion `{"presence":…,"health":…}`
    /// @param sessionDefaults an object
    /// @param paths members `configPath` and `stateDir` with a comma before each; for admins only
    /// @param uptimeMs since the start
    public record Snapshot(JsonText presence, JsonText health, JsonText stateVersion, JsonText sessionDefaults,
            String paths, long uptimeMs) {}

    /// The payload for one connection.
    public static JsonText write(Dialect dialect, String connectionId, Caller caller, Parts parts) {
        Features features = parts.features();
        var out = new JsonBuffer(2048 + features.methods().length() + parts.snapshot().health().length()
                + parts.snapshot().presence().length());
        out.raw("{\"type\":\"hello-ok\",\"protocol\":").number(dialect.version());
        out.raw(",\"server\":{\"version\":").text(features.version());
        if (dialect == Dialect.V4) {
            out.raw(",\"bootId\":").text(features.bootId()).raw(",\"controlUiBuildSource\":\"configured\"");
        }
        out.raw(",\"connId\":").text(connectionId);
        out.raw("},\"features\":{\"methods\":").raw(features.methods()).raw(",\"events\":").raw(features.events());
        if (dialect == Dialect.V4) {
            out.raw(",\"capabilities\":").raw(features.capabilities());
        }
        snapshot(out.raw("},\"snapshot\":"), caller, parts.snapshot());
        if (dialect == Dialect.V4 || parts.deviceProven()) {
            auth(out.raw(",\"auth\":"), caller);
        }
        Limits limits = parts.limits();
        out.raw(",\"policy\":{\"maxPayload\":").number(limits.frame());
        out.raw(",\"maxBufferedBytes\":").number(limits.outbox());
        out.raw(",\"tickIntervalMs\":").number(limits.tick().toMillis());
        return JsonText.of(out.raw("}}").toBytes());
    }

    /// Everything a hello is made of.
    public record Parts(Features features, Snapshot snapshot, Limits limits, boolean deviceProven) {}

    private static void snapshot(JsonBuffer out, Caller caller, Snapshot snapshot) {
        boolean seesPresence = caller.holds(Scope.READ);
        out.raw("{\"presence\":").raw(seesPresence ? snapshot.presence() : JsonText.of("[]"));
        out.raw(",\"health\":").raw(snapshot.health());
        out.raw(",\"stateVersion\":").raw(snapshot.stateVersion());
        out.raw(",\"uptimeMs\":").number(snapshot.uptimeMs());
        out.raw(",\"sessionDefaults\":").raw(snapshot.sessionDefaults());
        if (caller.holds(Scope.ADMIN)) {
            out.raw(snapshot.paths().getBytes(StandardCharsets.UTF_8));
        }
        out.raw("}");
    }

    private static void auth(JsonBuffer out, Caller caller) {
        out.raw("{\"role\":").text(caller.role().name()).raw(",\"scopes\":[");
        Iterator<String> scopes = caller.scopes().stream().map(Scope::name).sorted().iterator();
        while (scopes.hasNext()) {
            out.text(scopes.next()).raw(scopes.hasNext() ? "," : "");
        }
        out.raw("]}");
    }
}
