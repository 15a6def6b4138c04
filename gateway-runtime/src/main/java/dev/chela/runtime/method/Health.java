package dev.chela.runtime.method;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;

import dev.chela.api.HealthProbe;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.channel.ChannelViews;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.plugin.PluginHost;
import dev.chela.runtime.plugin.PluginReport;
import dev.chela.runtime.plugin.ProbeRound;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.store.OutboxTable.Counts;
import dev.chela.runtime.store.OutboxTable.State;
import dev.chela.runtime.store.SessionTable.Filter;
import dev.chela.runtime.store.Store;

import org.jspecify.annotations.Nullable;

/// How the gateway is: looked at once a minute, told to everybody, and answered from the newest look.
public final class Health {

    private static final System.Logger LOG = System.getLogger("health");
    private static final Duration EVERY = Duration.ofSeconds(60);
    private static final int RECENT = 5;

    private final Parts parts;
    private final JsonCodec codec = new JsonCodec();
    private final ProbeRound probes = new ProbeRound();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Look newest = new Look(JsonText.EMPTY, 0);

    private record Look(JsonText text, long version) {}

    /// What is looked at.
    ///
    /// @param stateVersion gives `{"presence":…,"health":…}` for a health version
    public record Parts(Store store, Agents agents, PluginHost plugins, ChannelViews channels,
            Broadcaster broadcaster, CoreThreads threads, InstantSource clock, LongFunction<JsonText> stateVersion) {}

    /// Nothing was looked at yet.
    public Health(Parts parts) {
        this.parts = parts;
    }

    /// Looks now, and then once a minute.
    public void start() {
        look();
        parts.threads().every(EVERY, () -> parts.threads().workers().execute(this::look));
    }

    /// The newest look.
    public JsonText text() {
        return newest.text();
    }

    /// Raised by every look.
    public long version() {
        return newest.version();
    }

    /// Clients send all kinds of params.
    @Open
    record HealthParams(@Nullable Json probe) {}

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(CoreMethod.quick("health", Scope.READ, HealthParams.class, this::health).forEverybody());
    }

    private @Nullable Object health(HealthParams params, RpcCall call) {
        if (params.probe() instanceof Json.Bool(boolean probe) && probe) {
            call.later();
            parts.threads().workers().execute(() -> {
                look();
                call.succeed(newest.text());
            });
            return null;
        }
        return newest.text();
    }

    private void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        try {
            long version = newest.version() + 1;
            newest = new Look(codec.encode(describe()), version);
            parts.broadcaster().publish(CoreEvents.HEALTH, newest.text(), parts.stateVersion().apply(version));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the gateway's health cannot be told", e);
        } finally {
            looking.set(false);
        }
    }

    private Map<String, Object> describe() {
        long begun = parts.clock().millis();
        String defaultAgent = parts.agents().roster().defaultId();
        Map<String, Object> plugins = plugins();
        Counts outbox = parts.store().read(tx -> tx.outbox().counts());
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("ok", true);
        health.put("status", plugins.get("errors") instanceof List<?> errors && errors.isEmpty() && allWell(plugins)
                && parts.channels().isWell() && outbox.of(State.FAILED) == 0
                        ? "ok"
                        : "degraded");
        health.put("ts", begun);
        Map<String, String> labels = parts.channels().labels();
        health.put("channels", parts.channels().health());
        health.put("channelOrder", List.copyOf(labels.keySet()));
        health.put("channelLabels", labels);
        health.put("delivery", delivery(outbox, begun));
        health.put("heartbeatSeconds", 0);
        health.put("defaultAgentId", defaultAgent);
        health.put("agents", parts.agents().profiles().stream().map(agent -> agent(agent, defaultAgent)).toList());
        health.put("sessions", sessions(Filter.ALL));
        health.put("plugins", plugins);
        health.put("durationMs", parts.clock().millis() - begun);
        return health;
    }

    private static Map<String, Object> delivery(Counts outbox, long now) {
        Map<String, Object> delivery = new LinkedHashMap<>();
        delivery.put("waiting", outbox.of(State.WAITING) + outbox.of(State.SENDING));
        delivery.put("failed", outbox.of(State.FAILED));
        delivery.put("oldestMs", outbox.oldest() == 0 ? 0 : Math.max(0, now - outbox.oldest()));
        return delivery;
    }

    private Map<String, Object> agent(Agents.Profile agent, String defaultAgent) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("agentId", agent.id());
        shown.put("name", agent.name());
        shown.put("isDefault", agent.id().equals(defaultAgent));
        shown.put("heartbeat", NO_HEARTBEAT);
        shown.put("sessions", sessions(new Filter(agent.id(), 0, null, null, null, null)));
        return shown;
    }

    /// No agent runs by the clock yet.
    static final Map<String, Object> NO_HEARTBEAT = heartbeat();

    private static Map<String, Object> heartbeat() {
        Map<String, Object> off = new LinkedHashMap<>();
        off.put("enabled", false);
        off.put("every", "disabled");
        off.put("everyMs", null);
        off.put("prompt", "");
        off.put("target", "none");
        off.put("ackMaxChars", 300);
        return off;
    }

    /// The path is the store's name only: where it lies is not everybody's business.
    private Map<String, Object> sessions(Filter filter) {
        long now = parts.clock().millis();
        return parts.store().read(tx -> {
            List<Map<String, Object>> recent = new ArrayList<>();
            tx.sessions().list(filter, 0, RECENT).forEach(row -> recent.add(Map.of("key", row.key(), "updatedAt",
                    row.updatedAt(), "age", Math.max(0, now - row.updatedAt()))));
            Map<String, Object> sessions = new LinkedHashMap<>();
            sessions.put("path", String.valueOf(parts.store().file().getFileName()));
            sessions.put("count", tx.sessions().count(filter));
            sessions.put("recent", recent);
            return sessions;
        });
    }

    private Map<String, Object> plugins() {
        List<PluginReport> reports = parts.plugins().reports();
        Map<String, Object> plugins = new LinkedHashMap<>();
        plugins.put("loaded", reports.stream().filter(PluginReport::isLoaded).map(PluginReport::id).toList());
        plugins.put("errors", reports.stream().filter(PluginReport::isRefused).map(Health::error).toList());
        plugins.put("unavailable", List.of());
        plugins.put("health", probes.ask(parts.plugins().probes()));
        return plugins;
    }

    private static Map<String, Object> error(PluginReport report) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("id", report.id() == null ? report.file() : report.id());
        error.put("file", report.file());
        error.put("error", String.valueOf(report.reason()));
        return error;
    }

    private static boolean allWell(Map<String, Object> plugins) {
        return plugins.get("health") instanceof Map<?, ?> probes && probes.values().stream()
                .allMatch(probe -> probe instanceof HealthProbe.Health(HealthProbe.State state, String _)
                        && state == HealthProbe.State.OK);
    }
}
