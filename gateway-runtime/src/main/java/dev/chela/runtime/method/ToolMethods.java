package dev.chela.runtime.method;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.ToolResult;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.run.Toolbox;
import dev.chela.runtime.run.Tools;

import org.jspecify.annotations.Nullable;

/// `tools.*`: which tools there are, which of them an agent may call, and calling one in its place.
public final class ToolMethods {

    /// The rules of this gateway are lists of names; what the original calls a profile is none of them.
    private static final String PROFILE = "full";
    private static final String SOURCE = "plugin";

    private final SessionViews sessions;
    private final Toolbox tools;
    private final Invocations invocations;

    /// Methods on these tools.
    public ToolMethods(SessionViews sessions, Toolbox tools, CoreThreads threads, InstantSource clock, Hooks hooks) {
        this.sessions = sessions;
        this.tools = tools;
        this.invocations = new Invocations(tools, threads, clock, hooks);
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.quick("tools.catalog", Scope.READ, CatalogParams.class, (params, _) -> catalog(params)),
                CoreMethod.quick("tools.effective", Scope.READ, EffectiveParams.class,
                        (params, _) -> effective(params)),
                CoreMethod.quick("tools.invoke", Scope.WRITE, InvokeParams.class, this::invoke));
    }

    @Open
    record CatalogParams(@Nullable String agentId) {}

    private Object catalog(CatalogParams params) {
        Map<String, List<Tools.Entry>> byPlugin = new LinkedHashMap<>();
        for (Tools.Entry entry : tools.all()) {
            byPlugin.computeIfAbsent(entry.owner().id(), _ -> new ArrayList<>()).add(entry);
        }
        List<Map<String, Object>> groups = byPlugin.entrySet().stream().map(plugin -> {
            Map<String, Object> group = group("plugin:" + plugin.getKey(), plugin.getKey());
            group.put("pluginId", plugin.getKey());
            group.put("tools", plugin.getValue().stream().map(entry -> {
                Map<String, Object> row = row(entry);
                row.put("defaultProfiles", List.of(PROFILE));
                return row;
            }).toList());
            return group;
        }).toList();
        Map<String, Object> catalog = new LinkedHashMap<>();
        catalog.put("agentId", sessions.key(null, params.agentId()).agent());
        catalog.put("profiles", List.of(Map.of("id", PROFILE, "label", "Full")));
        catalog.put("groups", groups);
        return catalog;
    }

    private static Map<String, Object> group(String id, String label) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("id", id);
        group.put("label", label);
        group.put("source", SOURCE);
        return group;
    }

    private static Map<String, Object> row(Tools.Entry entry) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", entry.name());
        row.put("label", entry.name());
        row.put("description", entry.tool().description());
        row.put("source", SOURCE);
        row.put("pluginId", entry.owner().id());
        return row;
    }

    record EffectiveParams(@Bounds(max = SessionKey.MAX_LENGTH) String sessionKey, @Nullable String agentId) {}

    private Object effective(EffectiveParams params) {
        String agent = sessions.key(params.sessionKey(), params.agentId()).agent();
        List<Map<String, Object>> rows = tools.of(agent).stream().map(entry -> {
            Map<String, Object> row = row(entry);
            row.put("rawDescription", entry.tool().description());
            return row;
        }).toList();
        Map<String, Object> group = group(SOURCE, "Plugins");
        group.put("tools", rows);
        Map<String, Object> effective = new LinkedHashMap<>();
        effective.put("agentId", agent);
        effective.put("profile", PROFILE);
        effective.put("groups", rows.isEmpty() ? List.of() : List.of(group));
        return effective;
    }

    record InvokeParams(@Bounds(max = 256) String name, @Nullable Map<String, Json> args,
            @Bounds(max = SessionKey.MAX_LENGTH) @Nullable String sessionKey, @Nullable String agentId,
            @Nullable Boolean confirm, @Bounds(max = 256) @Nullable String idempotencyKey,
            @Nullable String conversationReadOrigin) {}

    private @Nullable Object invoke(InvokeParams params, RpcCall call) {
        SessionKey session = sessions.key(params.sessionKey(), params.agentId());
        var asked = new Invocations.Asked(session, params.name(),
                new Json.Obj(params.args() == null ? Map.of() : params.args()));
        boolean begun = invocations.begin(call, asked, params.idempotencyKey(),
                result -> outcome(params.name(), result));
        return begun ? null : failure(params.name(), "not_found", "Tool not available: " + params.name());
    }

    private static Map<String, Object> outcome(String name, ToolResult result) {
        if (result.isError()) {
            return failure(name, "tool_error", result.text());
        }
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("ok", true);
        outcome.put("toolName", name);
        outcome.put("output", Map.of("content", List.of(Map.of("type", "text", "text", result.text()))));
        outcome.put("source", SOURCE);
        return outcome;
    }

    private static Map<String, Object> failure(String name, String code, String message) {
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("ok", false);
        outcome.put("toolName", name);
        outcome.put("error", Map.of("code", code, "message", message));
        return outcome;
    }
}
