package dev.chela.runtime.method;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.agent.Tool;
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
            Map<String, Object> group = group("plugin:" + plugin.getKey(), plugin.getKey(), SOURCE);
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

    private static Map<String, Object> group(String id, String label, String source) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("id", id);
        group.put("label", label);
        group.put("source", source);
        return group;
    }

    /// What the protocol calls the place a tool comes from: it knows servers of one kind besides plugins.
    private static String source(Tools.Entry entry) {
        return entry.tool().origin().map(Tool.Origin::kind).filter(Tool.Origin.MCP::equals).orElse(SOURCE);
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
        Map<String, List<Map<String, Object>>> bySource = new LinkedHashMap<>();
        for (Tools.Entry entry : tools.of(agent)) {
            bySource.computeIfAbsent(source(entry), _ -> new ArrayList<>()).add(effectiveRow(entry));
        }
        List<Map<String, Object>> groups = bySource.entrySet().stream().map(rows -> {
            Map<String, Object> group = group(rows.getKey(), rows.getKey().equals(SOURCE) ? "Plugins" : "MCP servers",
                    rows.getKey());
            group.put("tools", rows.getValue());
            return group;
        }).toList();
        Map<String, Object> effective = new LinkedHashMap<>();
        effective.put("agentId", agent);
        effective.put("profile", PROFILE);
        effective.put("groups", groups);
        return effective;
    }

    private static Map<String, Object> effectiveRow(Tools.Entry entry) {
        Map<String, Object> row = row(entry);
        row.put("rawDescription", entry.tool().description());
        row.put("source", source(entry));
        if (!source(entry).equals(SOURCE)) {
            Tool.Origin origin = entry.tool().origin().orElseThrow();
            row.put("mcpServer", origin.place());
            row.put("mcpToolName", origin.name());
        }
        return row;
    }

    record InvokeParams(@Bounds(max = 256) String name, @Nullable Map<String, Json> args,
            @Bounds(max = SessionKey.MAX_LENGTH) @Nullable String sessionKey, @Nullable String agentId,
            @Nullable Boolean confirm, @Bounds(max = 256) @Nullable String idempotencyKey,
            @Nullable String conversationReadOrigin) {}

    private @Nullable Object invoke(InvokeParams params, RpcCall call) {
        SessionKey session = sessions.key(params.sessionKey(), params.agentId());
        var asked = new Invocations.Asked(session, params.name(),
                new Json.Obj(params.args() == null ? Map.of() : params.args()));
        String source = tools.find(session.agent(), params.name()).map(ToolMethods::source).orElse(SOURCE);
        boolean begun = invocations.begin(call, asked, params.idempotencyKey(),
                result -> outcome(params.name(), source, result));
        return begun ? null : failure(params.name(), "not_found", "Tool not available: " + params.name());
    }

    private static Map<String, Object> outcome(String name, String source, ToolResult result) {
        if (result.isError()) {
            return failure(name, "tool_error", result.text());
        }
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("ok", true);
        outcome.put("toolName", name);
        outcome.put("output", Map.of("content", List.of(Map.of("type", "text", "text", result.text()))));
        outcome.put("source", source);
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
