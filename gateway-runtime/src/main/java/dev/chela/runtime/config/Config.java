package dev.chela.runtime.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Bounds;
import dev.chela.api.json.Json;
import dev.chela.api.json.Name;
import dev.chela.api.json.OneOf;
import dev.chela.api.json.Rest;
import dev.chela.runtime.json.Shorthand;

import org.jspecify.annotations.Nullable;

/// The settings of a gateway, as a file has them: what is absent is null here, and the accessors give the default.
///
/// The names are those of the original's configuration.
///
/// @param sections what belongs to plugins, by the name of the section
public record Config(@Name("$schema") @Nullable String schema, @Nullable Gateway gateway, @Nullable Agents agents,
        @Nullable Models models, @Nullable Session session, @Nullable ToolRules tools,
        @Nullable Messages messages, @Nullable Cron cron,
        @Nullable Map<String, Json> channels,
        @Bounds(max = 1000) @Nullable List<Binding> bindings,
        @Nullable Plugins plugins, @Nullable Logging logging,
        @Rest Map<String, Json> sections) {

    private static final int DEFAULT_CRON_RUNS = 4;
    private static final int DEFAULT_SUBAGENT_RUNS = 8;

    /// Nothing configured.
    public static final Config EMPTY = new Config(null, null, null, null, null, null, null, null, null, null, null,
            null,
            Map.of());

    /// Whom messages of channels are bound to must be there.
    public Config {
        if (bindings != null) {
            bindings.forEach(binding -> checkAgent(agents, binding.agentId()));
        }
    }

    private static void checkAgent(@Nullable Agents agents, String id) {
        List<Agent> list = agents == null || agents.list() == null ? List.of() : agents.list();
        boolean known = list.isEmpty()
                ? id.equalsIgnoreCase("main")
                : list.stream().anyMatch(agent -> agent.id().equalsIgnoreCase(id));
        if (!known) {
            throw new IllegalArgumentException("a binding names agent '" + id + "', which is not in agents.list");
        }
    }

    /// Where the gateway listens and whom it lets in.
    public record Gateway(@OneOf({
            "local", "remote"}) @Nullable String mode,
            @Bounds(min = 0, max = 65535) @Nullable Integer port,
            @OneOf({"loopback", "lan", "tailnet", "auto", "custom"}) @Nullable String bind,
            @Nullable String customBindHost, @Nullable Auth auth, @Nullable ControlUi controlUi) {

        /// Nothing configured.
        static final Gateway EMPTY = new Gateway(null, null, null, null, null, null);

        /// A gateway that only points to another is no gateway.
        public Gateway {
            if ("remote".equals(mode)) {
                throw new IllegalArgumentException("mode 'remote' names another gateway to talk to; this one can only"
                        + " be started with mode 'local' or none");
            }
        }
    }

    /// The secret clients need.
    public record Auth(@OneOf({
            "token", "password"}) @Nullable String mode, @Nullable Secret token,
            @Nullable Secret password) {

        static final Auth EMPTY = new Auth(null, null, null);
    }

    /// Pages that may connect.
    public record ControlUi(@Nullable List<String> allowedOrigins) {}

    /// Who answers.
    public record Agents(@Nullable AgentDefaults defaults, @Nullable List<Agent> list) {

        static final Agents EMPTY = new Agents(null, null);

        /// Ids must differ.
        public Agents {
            if (list != null && list.stream().map(agent -> agent.id().toLowerCase(Locale.ROOT)).distinct()
                    .count() < list.size()) {
                throw new IllegalArgumentException("two agents have the same id");
            }
        }
    }

    /// What holds for every agent that doesn't say otherwise.
    ///
    /// @param timeoutSeconds how long a run may take
    /// @param maxConcurrent how many runs may be at work at once
    /// @param subagents what holds for agents that other agents ask
    public record AgentDefaults(@Nullable ModelChoice model, @Nullable String engine, @Nullable String systemPrompt,
            @Bounds(min = 1, max = 86400) @Nullable Integer timeoutSeconds,
            @Bounds(min = 1, max = 10000) @Nullable Integer maxConcurrent, @Nullable Subagents subagents) {

        static final AgentDefaults EMPTY = new AgentDefaults(null, null, null, null, null, null);
    }

    /// What holds for agents that other agents ask.
    ///
    /// @param maxConcurrent how many of their runs may be at work at once
    public record Subagents(@Bounds(min = 1, max = 10000) @Nullable Integer maxConcurrent) {}

    /// What runs by the clock.
    ///
    /// @param maxConcurrentRuns how many of such runs may be at work at once
    public record Cron(@Bounds(min = 1, max = 10000) @Nullable Integer maxConcurrentRuns) {}

    /// An agent.
    ///
    /// @param isDefault whether it answers where none is named; the first one does if none says so
    public record Agent(String id, @Nullable String name, @Name("default") @Nullable Boolean isDefault,
            @Nullable ModelChoice model, @Nullable String engine, @Nullable String systemPrompt,
            @Nullable ToolRules tools, @Nullable Identity identity) {

        /// Ids are used in session keys.
        public Agent {
            if (!id.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")) {
                throw new IllegalArgumentException("id must be letters, digits, dashes and underscores, at most 64: '"
                        + id + "'");
            }
        }
    }

    /// How chat sessions begin and end, and which take messages.
    ///
    /// @param dmScope which direct messages share a session
    /// @param identityLinks people and what they are called in channels, such as `telegram:123`; a name without a channel
    ///     means whoever has that id in any
    public record Session(@Nullable Reset reset, @Nullable SendPolicy sendPolicy,
            @OneOf({
                    "main", "per-peer", "per-channel-peer", "per-account-channel-peer"}) @Nullable String dmScope,
            @Bounds(max = 10_000) @Nullable Map<String, List<String>> identityLinks) {

        static final Session EMPTY = new Session(null, null, null, null);
    }

    /// How messages are dealt with.
    public record Messages(@Nullable MessageQueue queue) {}

    /// What becomes of messages that arrive while another one is being answered.
    public record MessageQueue(@OneOf({"steer", "followup", "collect", "interrupt"}) @Nullable String mode) {}

    /// Which agent answers messages of channels: the most precise match decides, the first of equals.
    ///
    /// @param session the rest of a session's key that all of them go to; null for the usual one
    public record Binding(String agentId, BindingMatch match, @Bounds(min = 1, max = 200) @Nullable String session) {}

    /// The messages a binding is for: all that is given must fit.
    ///
    /// @param accountId an account; `*` or nothing for all
    /// @param peer one chat
    /// @param guildId what the chat belongs to, such as a Discord guild
    /// @param teamId what the chat belongs to, such as a Slack team
    public record BindingMatch(String channel, @Nullable String accountId, @Nullable Peer peer,
            @Nullable String guildId, @Nullable String teamId) {}

    /// A chat: a person for direct messages, else the group.
    public record Peer(@OneOf({"dm", "direct", "group", "channel"}) String kind, String id) {}

    /// When a session begins anew by itself.
    ///
    /// @param mode once a day, after a pause, or never
    /// @param atHour of the day, in the machine's time zone
    /// @param idleMinutes how long the pause is
    public record Reset(@OneOf({"daily", "idle", "off"}) @Nullable String mode,
            @Bounds(min = 0, max = 23) @Nullable Integer atHour,
            @Bounds(min = 1, max = 1_000_000) @Nullable Integer idleMinutes) {}

    /// Which sessions take messages: the first rule that fits decides.
    public record SendPolicy(@Name("default") @OneOf({"allow", "deny"}) @Nullable String otherwise,
            @Nullable List<SendRule> rules) {}

    /// What holds for some sessions.
    public record SendRule(@OneOf({"allow", "deny"}) String action, @Nullable SendMatch match) {}

    /// The sessions a rule is for: all that is given must fit.
    ///
    /// @param channel such as `telegram`
    /// @param chatType such as `group`
    /// @param keyPrefix the beginning of the session's key
    public record SendMatch(@Nullable String channel, @Nullable String chatType, @Nullable String keyPrefix) {}

    /// How an agent shows itself.
    public record Identity(@Nullable String name, @Nullable String emoji, @Nullable String avatar,
            @Nullable String theme) {}

    /// A model by its name, `provider/model`.
    ///
    /// @param fallbacks asked in this order when it fails before it has said anything
    @Shorthand("primary")
    public record ModelChoice(@Nullable String primary, @Bounds(max = 10) @Nullable List<String> fallbacks) {

        /// The provider comes first.
        public ModelChoice {
            checkRef(primary);
            if (fallbacks != null) {
                fallbacks.forEach(ModelChoice::checkRef);
            }
        }

        private static void checkRef(@Nullable String ref) {
            if (ref != null && ref.indexOf('/') <= 0) {
                throw new IllegalArgumentException("a model is named provider/model, not '" + ref + "'");
            }
        }
    }

    /// Where models are reached.
    public record Models(@Nullable Map<String, Provider> providers) {}

    /// A provider of models.
    public record Provider(@Nullable String baseUrl, @Nullable Secret apiKey, @Nullable String api,
            @Nullable List<ModelEntry> models) {}

    /// A model.
    public record ModelEntry(String id, @Nullable String name, @Bounds(min = 1) @Nullable Integer contextWindow,
            @Bounds(min = 1) @Nullable Integer maxTokens, @Nullable Boolean reasoning,
            @OneOf({"text", "image", "audio", "video", "document"}) @Nullable List<String> input) {}

    /// Which tools agents may call: names, where `*` stands for anything, ids of plugins, or `group:plugins` for all that
    /// plugins bring.
    ///
    /// @param allow the only ones permitted; all are if it is absent or empty
    /// @param deny never permitted, whatever `allow` says
    public record ToolRules(@Bounds(max = 1000) @Nullable List<String> allow,
            @Bounds(max = 1000) @Nullable List<String> deny) {

        static final ToolRules EMPTY = new ToolRules(null, null);
    }

    /// Which plugins are loaded, and their settings.
    public record Plugins(@Nullable Boolean enabled, @Nullable List<String> allow, @Nullable List<String> deny,
            @Nullable Map<String, PluginEntry> entries) {

        static final Plugins EMPTY = new Plugins(null, null, null, null);
    }

    /// One plugin's settings.
    ///
    /// @param config the plugin's own, checked by the plugin's record
    /// @param overrides core methods this plugin may replace
    /// @param hooks how long its hooks may take
    public record PluginEntry(@Nullable Boolean enabled, @Nullable Json config, @Nullable List<String> overrides,
            @Nullable HookLimits hooks) {}

    /// How long the hooks of a plugin may take, whatever the plugin says.
    ///
    /// @param timeoutMs each of them
    /// @param timeouts those of a moment, by its name, such as `ToolCalling`
    public record HookLimits(@Bounds(min = 1, max = 600_000) @Nullable Integer timeoutMs,
            @Nullable Map<String, Integer> timeouts) {

        /// The limits must be from 1 ms to ten minutes.
        public HookLimits {
            if (timeouts != null) {
                timeouts.forEach((moment, ms) -> {
                    if (ms < 1 || ms > 600_000) {
                        throw new IllegalArgumentException(
                                "timeouts." + moment + " must be from 1 to 600000, not " + ms);
                    }
                });
            }
        }

        /// The limit for a moment; null if none is set.
        public @Nullable Integer of(String moment) {
            Integer own = timeouts == null ? null : timeouts.get(moment);
            return own == null ? timeoutMs : own;
        }
    }

    /// What is logged.
    public record Logging(@OneOf({"debug", "info", "warn", "error"}) @Nullable String level) {}

    /// Where to listen, never absent.
    public Gateway gatewayOrEmpty() {
        return gateway == null ? Gateway.EMPTY : gateway;
    }

    /// The secret, never absent.
    public Auth auth() {
        Auth auth = gatewayOrEmpty().auth();
        return auth == null ? Auth.EMPTY : auth;
    }

    /// Origins of pages that may connect.
    public List<String> allowedOrigins() {
        ControlUi ui = gatewayOrEmpty().controlUi();
        return ui == null || ui.allowedOrigins() == null ? List.of() : ui.allowedOrigins();
    }

    /// The agents, never absent.
    public Agents agentsOrEmpty() {
        return agents == null ? Agents.EMPTY : agents;
    }

    /// How sessions begin and end, never absent.
    public Session sessionOrEmpty() {
        return session == null ? Session.EMPTY : session;
    }

    /// What holds for all agents, never absent.
    public AgentDefaults agentDefaults() {
        AgentDefaults defaults = agentsOrEmpty().defaults();
        return defaults == null ? AgentDefaults.EMPTY : defaults;
    }

    /// The providers by id.
    public Map<String, Provider> providers() {
        return models == null || models.providers() == null ? Map.of() : models.providers();
    }

    /// Which tools all agents may call, never absent.
    public ToolRules toolsOrEmpty() {
        return tools == null ? ToolRules.EMPTY : tools;
    }

    /// Which tools one agent may call besides, never absent.
    ///
    /// @param agent its id, lower case
    public ToolRules toolsOf(String agent) {
        List<Agent> list = agentsOrEmpty().list();
        return list == null
                ? ToolRules.EMPTY
                : list.stream().filter(one -> one.id().toLowerCase(Locale.ROOT).equals(agent)).findFirst()
                        .map(Agent::tools).orElse(ToolRules.EMPTY);
    }

    /// How many runs that were started by the clock may be at work at once.
    public int cronRuns() {
        return cron == null || cron.maxConcurrentRuns() == null ? DEFAULT_CRON_RUNS : cron.maxConcurrentRuns();
    }

    /// How many runs of agents that other agents ask may be at work at once.
    public int subagentRuns() {
        Subagents subagents = agentDefaults().subagents();
        return subagents == null || subagents.maxConcurrent() == null
                ? DEFAULT_SUBAGENT_RUNS
                : subagents.maxConcurrent();
    }

    /// What becomes of messages that arrive while another one is being answered.
    public String queueMode() {
        String mode = messages == null || messages.queue() == null ? null : messages.queue().mode();
        return mode == null ? "followup" : mode;
    }

    /// The settings of channels, by their ids.
    public Map<String, Json> channelsOrEmpty() {
        return channels == null ? Map.of() : channels;
    }

    /// Who answers messages of channels, never absent.
    public List<Binding> bindingsOrEmpty() {
        return bindings == null ? List.of() : bindings;
    }

    /// Which plugins, never absent.
    public Plugins pluginsOrEmpty() {
        return plugins == null ? Plugins.EMPTY : plugins;
    }

    /// One plugin's settings, if there are any.
    public @Nullable PluginEntry plugin(String id) {
        Map<String, PluginEntry> entries = pluginsOrEmpty().entries();
        return entries == null ? null : entries.get(id);
    }
}
