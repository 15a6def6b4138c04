package dev.chela.runtime.method;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.connection.Connections;
import dev.chela.runtime.connection.Presence;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.event.Broadcaster;
import dev.chela.runtime.event.CoreEvents;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.session.Notes;
import dev.chela.runtime.session.SessionKeys;
import dev.chela.runtime.store.SessionTable.Filter;
import dev.chela.runtime.store.SessionTable.SessionRow;

import org.jspecify.annotations.Nullable;

/// What is going on: `status`, who is here, and what other programs of the machine have to say.
public final class StatusMethods {

    private static final int RECENT = 10;
    private static final Pattern BEACON = Pattern.compile("Node: (?<host>[^(·]+?)(?: \\((?<ip>[^)]+)\\))?"
            + "(?: · app (?<version>[^·]+?))?(?: · last input (?<input>\\d+)s ago)?(?: · mode (?<mode>[^·]+?))?"
            + "(?: · reason (?<reason>[^·]+))?");

    private final Parts parts;
    private final JsonCodec codec = new JsonCodec();
    private final Remembered<String> status;

    /// What these methods stand on.
    public record Parts(String version, SessionViews sessions, Agents agents, SessionKeys keys, Notes notes,
            Presence presence, Connections connections, Broadcaster broadcaster, InstantSource clock) {}

    /// Methods on these parts.
    public StatusMethods(Parts parts) {
        this.parts = parts;
        // Connections come and go without a change in the store.
        this.status = new Remembered<>(() -> parts.sessions().version() * 31 + parts.connections().open(),
                parts.clock(), _ -> describe());
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(CoreMethod.worker("status", Scope.READ, StatusParams.class, (_, _) -> status.get("")),
                CoreMethod.quick("system-presence", Scope.READ, NoParams.class, (_, _) -> parts.presence().list()),
                CoreMethod.quick("system-event", Scope.ADMIN, SystemEvent.class, this::systemEvent),
                CoreMethod.quick("talk.mode", Scope.WRITE, TalkMode.class, this::talkMode));
    }

    @Open
    record StatusParams(@Nullable Json includeChannelSummary) {}

    private Map<String, Object> describe() {
        long now = parts.clock().millis();
        String defaultAgent = parts.agents().roster().defaultId();
        List<Object> beats = new ArrayList<>();
        parts.agents().profiles().forEach(agent -> {
            Map<String, Object> beat = new LinkedHashMap<>(Map.of("agentId", agent.id()));
            beat.putAll(Health.NO_HEARTBEAT);
            beats.add(beat);
        });
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("runtimeVersion", parts.version());
        status.put("heartbeat", Map.of("defaultAgentId", defaultAgent, "agents", beats));
        status.put("channelSummary", List.of());
        status.put("queuedSystemEvents", parts.notes().peek(parts.keys().main()));
        status.put("degradedSecretOwners", List.of());
        status.put("degradedPlugins", List.of());
        status.put("connections", parts.connections().open());
        status.put("activeRuns", parts.sessions().runs().count());
        status.put("sessions", sessions(now));
        return status;
    }

    private Map<String, Object> sessions(long now) {
        String path = String.valueOf(parts.sessions().store().file().getFileName());
        return parts.sessions().store().read(tx -> {
            List<Map<String, Object>> byAgent = new ArrayList<>();
            for (String agent : parts.agents().roster().ids()) {
                var filter = new Filter(agent, 0, null, null, null, null);
                byAgent.add(Map.of("agentId", agent, "path", path, "count", tx.sessions().count(filter), "recent",
                        rows(tx.sessions().list(filter, 0, RECENT), now)));
            }
            Map<String, Object> sessions = new LinkedHashMap<>();
            sessions.put("paths", List.of(path));
            sessions.put("count", tx.sessions().count(Filter.ALL));
            sessions.put("defaults", parts.sessions().defaults(null));
            sessions.put("recent", rows(tx.sessions().list(Filter.ALL, 0, RECENT), now));
            sessions.put("byAgent", byAgent);
            return sessions;
        });
    }

    private List<Map<String, Object>> rows(List<SessionRow> rows, long now) {
        return rows.stream().map(row -> row(row, now)).toList();
    }

    private Map<String, Object> row(SessionRow row, long now) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("agentId", row.agent());
        shown.put("key", row.key());
        shown.put("kind", "direct");
        shown.put("sessionId", row.sessionId());
        shown.put("updatedAt", row.updatedAt());
        shown.put("age", Math.max(0, now - row.updatedAt()));
        shown.put("abortedLastRun", row.aborted());
        shown.put("inputTokens", row.inputTokens());
        shown.put("outputTokens", row.outputTokens());
        long total = row.inputTokens() + row.outputTokens();
        shown.put("totalTokens", total);
        Map<String, Object> known = parts.sessions().show(row);
        Long context = known.get("contextTokens") instanceof Integer tokens ? Long.valueOf(tokens) : null;
        shown.put("remainingTokens", context == null ? null : Math.max(0, context - total));
        shown.put("percentUsed", context == null ? null : Math.min(100, Math.round(100.0 * total / context)));
        shown.put("model", known.get("model"));
        shown.put("contextTokens", context);
        shown.put("flags", row.aborted() ? List.of("aborted") : List.of());
        return shown;
    }

    record SystemEvent(@Bounds(max = 4096) @Nullable String text, @Nullable String deviceId,
            @Nullable String instanceId,
            @Nullable String host, @Nullable String ip, @Nullable String mode, @Nullable String version,
            @Nullable String platform, @Nullable String deviceFamily, @Nullable String modelIdentifier,
            @Bounds(min = 0) @Nullable Integer lastInputSeconds, @Nullable String reason, @Nullable List<String> roles,
            @Nullable List<String> scopes, @Nullable List<String> tags) {}

    /// A beacon of another program, or a note for the main session.
    private Object systemEvent(SystemEvent event, RpcCall call) {
        String text = event.text();
        if (text == null || text.isBlank()) {
            throw RpcException.invalid("text required");
        } else if (!text.startsWith("Node:")) {
            parts.notes().add(parts.keys().main(), text.strip());
            return Map.of("ok", true);
        }
        Matcher said = BEACON.matcher(text);
        boolean readable = said.matches();
        String host = either(event.host(), said, readable, "host");
        String ip = either(event.ip(), said, readable, "ip");
        String input = readable ? said.group("input") : null;
        Integer seconds = event.lastInputSeconds() != null || input == null
                ? event.lastInputSeconds()
                : Integer.valueOf(input);
        String key = firstOf(event.deviceId(), event.instanceId(), host, ip);
        parts.presence().put(key, new Presence.Entry(host, ip, either(event.version(), said, readable, "version"),
                event.platform(), event.deviceFamily(), event.modelIdentifier(),
                either(event.mode(), said, readable, "mode"), seconds,
                either(event.reason(), said, readable, "reason"), text, parts.clock().millis(),
                event.deviceId(), event.roles(), event.scopes(), event.instanceId(), event.tags()));
        parts.connections().presenceChanged();
        return Map.of("ok", true);
    }

    private static @Nullable String either(@Nullable String explicit, Matcher said, boolean readable, String group) {
        return explicit != null || !readable ? explicit : said.group(group);
    }

    private static String firstOf(@Nullable String... candidates) {
        for (String candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return "unknown";
    }

    record TalkMode(boolean enabled, @Bounds(max = 256 << 10) @Nullable String phase) {}

    private Object talkMode(TalkMode mode, RpcCall call) {
        Map<String, @Nullable Object> now = new LinkedHashMap<>();
        now.put("enabled", mode.enabled());
        now.put("phase", mode.phase());
        now.put("ts", parts.clock().millis());
        JsonText text = codec.encode(now);
        parts.broadcaster().publish(CoreEvents.TALK_MODE, text);
        return text;
    }
}
