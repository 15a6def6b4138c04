package dev.chela.runtime;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.chela.runtime.connection.Presence;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.Hello;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.protocol.Version;
import dev.chela.runtime.session.SessionKeys;

/// Gathers what a hello tells: mostly texts that were made when something changed.
final class Welcome {

    /// The contracts of protocol 4 that are kept here, and our own.
    private static final List<String> CAPABILITIES = List.of("published-model-catalog", Hello.EVENT_RESUME);

    private final Presence presence;
    private final Limits limits;
    private final InstantSource clock;
    private final Supplier<SessionKeys> keys;
    private final JsonCodec codec = new JsonCodec();
    private final String bootId = UUID.randomUUID().toString();
    private final long startedAt;
    private volatile Hello.Features features;
    private volatile String paths = "";
    private volatile Supplier<JsonText> health = () -> JsonText.EMPTY;
    private volatile LongSupplier healthVersion = () -> 0;

    Welcome(Presence presence, Limits limits, InstantSource clock, Supplier<SessionKeys> keys) {
        this.presence = presence;
        this.limits = limits;
        this.clock = clock;
        this.keys = keys;
        this.startedAt = clock.millis();
        this.features = features(JsonText.of("[]"), List.of());
    }

    private Hello.Features features(JsonText methods, List<String> pluginEvents) {
        List<String> events = new ArrayList<>(CoreEvents.names());
        events.addAll(pluginEvents);
        return new Hello.Features(Version.CURRENT.product(), bootId, methods, codec.encode(events),
                codec.encode(CAPABILITIES));
    }

    /// Sets what is advertised.
    void advertise(JsonText methods, List<String> pluginEvents) {
        features = features(methods, pluginEvents);
    }

    /// Sets what only admins learn.
    void paths(String configPath, String stateDir, String authMode) {
        byte[] members = new JsonBuffer(128).raw(",\"configPath\":").text(configPath).raw(",\"stateDir\":")
                .text(stateDir).raw(",\"authMode\":").text(authMode).toBytes();
        paths = new String(members, StandardCharsets.UTF_8);
    }

    /// Sets where the newest health is.
    void health(Supplier<JsonText> text, LongSupplier version) {
        health = text;
        healthVersion = version;
    }

    long uptimeMs() {
        return clock.millis() - startedAt;
    }

    Hello.Parts parts(boolean deviceProven) {
        String agent = keys.get().main().agent();
        JsonText defaults = JsonText.of(new JsonBuffer(128).raw("{\"defaultAgentId\":").text(agent)
                .raw(",\"mainKey\":\"main\",\"mainSessionKey\":").text(keys.get().main().toString())
                .raw(",\"scope\":\"per-sender\"}").toBytes());
        var snapshot = new Hello.Snapshot(presence.list(), health.get(),
                stateVersion(presence.version(), healthVersion.getAsLong()), defaults, paths, uptimeMs());
        return new Hello.Parts(features, snapshot, limits, deviceProven, null);
    }

    JsonText ofPresence(long presenceVersion) {
        return stateVersion(presenceVersion, healthVersion.getAsLong());
    }

    JsonText ofHealth(long version) {
        return stateVersion(presence.version(), version);
    }

    private static JsonText stateVersion(long presence, long health) {
        return JsonText.of("{\"presence\":" + presence + ",\"health\":" + health + "}");
    }
}
