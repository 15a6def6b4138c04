package dev.chela.runtime.method;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.chela.api.agent.Model;
import dev.chela.api.json.Json;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.NoParams;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.channel.Channels;
import dev.chela.runtime.channel.Registered;
import dev.chela.runtime.config.ConfigSnapshot;
import dev.chela.runtime.config.Redaction;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.plugin.PluginHost;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.run.Agents;
import dev.chela.runtime.run.ChatCommands;

import org.jspecify.annotations.Nullable;

/// Lists of what this gateway has: models, commands, nodes, devices, plugins, settings.
public final class CatalogMethods {

    private final Supplier<ConfigSnapshot> config;
    private final Agents agents;
    private final ChatCommands commands;
    private final PluginHost plugins;
    private final Channels channels;
    private final InstantSource clock;
    private final JsonCodec codec = new JsonCodec();

    /// Methods on these parts.
    public CatalogMethods(Supplier<ConfigSnapshot> config, Agents agents, ChatCommands commands,
            PluginHost plugins, Channels channels, InstantSource clock) {
        this.config = config;
        this.agents = agents;
        this.commands = commands;
        this.plugins = plugins;
        this.channels = channels;
        this.clock = clock;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(CoreMethod.quick("config.get", Scope.READ, NoParams.class, (_, call) -> settings(call)),
                CoreMethod.quick("models.list", Scope.READ, ModelsParams.class, (_, _) -> Map.of("models", models())),
                CoreMethod.quick("commands.list", Scope.READ, CommandsParams.class,
                        (_, _) -> Map.of("commands", commands.list())),
                CoreMethod.quick("chat.metadata", Scope.READ, MetadataParams.class,
                        (_, _) -> Map.of("models", models(), "commands", commands.list())),
                CoreMethod.quick("node.list", Scope.READ, NoParams.class,
                        (_, _) -> Map.of("ts", clock.millis(), "nodes", List.of())),
                CoreMethod.quick("models.authStatus", Scope.READ, AuthStatusParams.class, (_, _) -> authStatus()),
                CoreMethod.quick("question.list", Scope.READ, QuestionsParams.class,
                        (_, _) -> Map.of("questions", List.of())),
                CoreMethod.quick("device.pair.list", Scope.PAIRING, NoParams.class,
                        (_, _) -> Map.of("pending", List.of(), "paired", List.of())),
                CoreMethod.quick("plugins.list", Scope.READ, NoParams.class, (_, _) -> plugins()));
    }

    /// Secrets are hidden by where they stand. The editor of old clients needs a text: it gets one made of what is left.
    private Object settings(RpcCall call) {
        ConfigSnapshot now = config.get();
        Json shown = Redaction.redact(now.source(), channels.all().stream()
                .collect(Collectors.toMap(Registered::id, Registered::settings)));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("path", String.valueOf(now.file().getFileName()));
        answer.put("exists", now.exists());
        boolean text = now.exists() && call.line().dialect() == Dialect.V3;
        answer.put("raw", text ? codec.encode(shown).toString() : null);
        answer.put("parsed", shown);
        answer.put("valid", true);
        answer.put("config", shown);
        answer.put("hash", now.hash());
        answer.put("issues", List.of());
        answer.put("warnings", now.warnings().stream().map(warning -> Map.of("path", "", "message", warning)).toList());
        answer.put("legacyIssues", List.of());
        return answer;
    }

    @Open
    record ModelsParams(@Nullable String agentId, @Nullable String view) {}

    private List<Map<String, Object>> models() {
        return agents.models().stream().map(CatalogMethods::model).toList();
    }

    @Open
    record AuthStatusParams(@Nullable String agentId, @Nullable Boolean refresh) {}

    /// Providers are let in by what stands in the configuration: nobody logs in to them here.
    private Object authStatus() {
        List<Map<String, Object>> providers = agents.models().stream().map(Model::provider).distinct()
                .map(provider -> Map.<String, Object>of("provider", provider, "authProvider", provider, "displayName",
                        provider, "status", "static", "profiles", List.of()))
                .toList();
        return Map.of("ts", clock.millis(), "providers", providers, "providerCapabilities", List.of());
    }

    /// No engine asks the operator anything yet.
    @Open
    record QuestionsParams() {}

    @Open
    record MetadataParams(@Nullable String agentId, @Nullable String sessionKey) {}

    private static Map<String, Object> model(Model model) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", model.id());
        row.put("name", model.name());
        row.put("provider", model.provider());
        if (model.contextTokens() > 0) {
            row.put("contextWindow", model.contextTokens());
        }
        row.put("input", model.input().isEmpty() ? List.of("text", "image") : model.input());
        row.put("available", true);
        return row;
    }

    @Open
    record CommandsParams(@Nullable String sessionKey, @Nullable String agentId, @Nullable String scope) {}

    private Object plugins() {
        List<Map<String, Object>> rows = plugins.reports().stream().map(report -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", report.id() == null ? report.file() : report.id());
            row.put("name", report.id() == null ? report.file() : report.id());
            if (report.version() != null) {
                row.put("version", report.version());
            }
            row.put("origin", report.origin());
            row.put("file", report.file());
            row.put("installed", true);
            row.put("enabled", report.isLoaded());
            row.put("state", report.isLoaded() ? "enabled" : report.isRefused() ? "error" : "disabled");
            if (report.reason() != null) {
                row.put("error", report.reason());
            }
            row.put("spins", report.spins());
            row.put("brings", report.brings());
            row.put("loadMs", report.loadMs());
            return row;
        }).toList();
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("plugins", rows);
        list.put("diagnostics", List.of());
        list.put("mutationAllowed", false);
        return list;
    }
}
