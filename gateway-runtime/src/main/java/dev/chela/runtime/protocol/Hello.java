package dev.chela.runtime.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;

import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// Writes `hello-ok`: everything a client learns at the handshake.
public final class Hello {

    /// The capability of getting missed events after a connection is lost: offered in hello, asked for in `connect`.
    public static final String EVENT_RESUME = "event-resume-v1";

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

    /// How a client that asked for it may come back for the events it missed.
    ///
    /// @param handle what to name then
    /// @param offset the number of the newest event; those after the client's own up to this one follow first
    /// @param recovered whether what was missed follows; null if the client did not name a handle
    /// @param reason why it does not
    public record Resume(String handle, long offset, @Nullable Boolean recovered, @Nullable String reason) {}

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
        } else if (parts.resume() != null) {
            out.raw(",\"capabilities\":[").text(EVENT_RESUME).raw("]"); // official clients of protocol 3 know no such member
        }
        snapshot(out.raw("},\"snapshot\":"), caller, parts.snapshot());
        if (dialect == Dialect.V4 || parts.deviceProven()) {
            auth(out.raw(",\"auth\":"), caller);
        }
        Limits limits = parts.limits();
        out.raw(",\"policy\":{\"maxPayload\":").number(limits.frame());
        out.raw(",\"maxBufferedBytes\":").number(limits.outbox());
        out.raw(",\"tickIntervalMs\":").number(limits.tick().toMillis());
        if (dialect == Dialect.V4) {
            out.raw(",\"attachments\":{\"maxBytes\":").number(limits.attachments().file());
            out.raw(",\"maxImageBytes\":").number(limits.attachments().image()).raw("}");
        }
        out.raw("}");
        if (parts.resume() != null) {
            resume(out.raw(",\"resume\":"), parts.resume());
        }
        return JsonText.of(out.raw("}").toBytes());
    }

    /// Everything a hello is made of.
    ///
    /// @param resume null for a client that did not ask
    public record Parts(Features features, Snapshot snapshot, Limits limits, boolean deviceProven,
            @Nullable Resume resume) {

        /// The same for a client that asked to resume.
        public Parts with(Resume newResume) {
            return new Parts(features, snapshot, limits, deviceProven, newResume);
        }
    }

    private static void resume(JsonBuffer out, Resume resume) {
        out.raw("{\"handle\":").text(resume.handle()).raw(",\"offset\":").number(resume.offset());
        if (resume.recovered() != null) {
            out.raw(",\"recovered\":").raw(resume.recovered().toString());
        }
        if (resume.reason() != null) {
            out.raw(",\"reason\":").text(resume.reason());
        }
        out.raw("}");
    }

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
