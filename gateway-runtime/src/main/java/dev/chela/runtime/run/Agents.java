package dev.chela.runtime.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import dev.chela.api.agent.Model;
import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.Config.Agent;
import dev.chela.runtime.config.Config.ModelChoice;
import dev.chela.runtime.config.Config.ModelEntry;
import dev.chela.runtime.session.SessionKeys.Roster;

import org.jspecify.annotations.Nullable;

/// Which agents there are, and what answers for each.
public final class Agents {

    /// The agent of a gateway whose configuration names none.
    public static final String DEFAULT_ID = "main";

    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
    private static final int DEFAULT_CONCURRENT = 256;

    private final Supplier<Config> config;
    private final Supplier<Engines> engines;
    private volatile @Nullable Catalogue catalogue;

    /// The models of one configuration and one set of engines; looked up for every row of a list.
    private record Catalogue(Config config, Engines engines, List<Model> models) {}

    /// The agents of this configuration, answered for by these engines.
    public Agents(Supplier<Config> config, Supplier<Engines> engines) {
        this.config = config;
        this.engines = engines;
    }

    /// Remembers nothing of engines that were there before: their classes must be free to go.
    public void enginesChanged() {
        catalogue = null;
    }

    /// An agent as clients see it.
    ///
    /// @param id lower case
    public record Profile(String id, String name, @Nullable String emoji, @Nullable String avatar,
            @Nullable Model model, boolean named) {}

    /// What answers for an agent.
    ///
    /// @param model null if the engine needs none
    public record Choice(Engines.Entry engine, @Nullable Model model, @Nullable String systemPrompt) {}

    /// The ids, and which one answers where none is named.
    public Roster roster() {
        List<Agent> listed = listed();
        String defaultId = listed.stream().filter(agent -> Boolean.TRUE.equals(agent.isDefault())).findFirst()
                .or(() -> listed.stream().findFirst()).map(Agents::id).orElse(DEFAULT_ID);
        Map<String, Boolean> ids = new LinkedHashMap<>();
        listed.forEach(agent -> ids.put(id(agent), true));
        ids.putIfAbsent(defaultId, true);
        return new Roster(ids.keySet(), defaultId);
    }

    /// All agents, in the configuration's order.
    public List<Profile> profiles() {
        return roster().ids().stream().map(this::profile).toList();
    }

    /// An agent as clients see it.
    public Profile profile(String id) {
        Optional<Agent> agent = find(id);
        Config.Identity identity = agent.map(Agent::identity).orElse(null);
        String own = identity != null && identity.name() != null
                ? identity.name()
                : agent.map(Agent::name).orElse(null);
        String name = own == null ? "Assistant" : own;
        String avatar = identity == null || identity.avatar() == null
                ? name.substring(0, 1).toUpperCase(Locale.ROOT)
                : identity.avatar();
        return new Profile(id, name, identity == null ? null : identity.emoji(), avatar,
                modelOf(id).orElse(null), own != null);
    }

    /// What answers for an agent: the engine it names, else the one for its model's provider, else one that has a model
    /// of its own, else echo. Empty if the engine it needs is not there.
    public Optional<Choice> choose(String id) {
        return choose(id, Optional.empty());
    }

    /// What answers for an agent in a session that may have a model of its own.
    ///
    /// @param ref `provider/id`
    public Optional<Choice> choose(String id, Optional<String> ref) {
        Optional<Agent> agent = find(id);
        Config.AgentDefaults defaults = config.get().agentDefaults();
        String prompt = agent.map(Agent::systemPrompt).orElse(defaults.systemPrompt());
        Optional<Model> model = ref.map(this::model).or(() -> configured(id));
        String named = agent.map(Agent::engine).orElse(defaults.engine());
        Engines all = engines.get();
        Optional<Engines.Entry> engine;
        if (named != null) {
            engine = all.find(named);
        } else if (model.isPresent()) {
            engine = all.serving(api(model.get()));
        } else {
            engine = all.withOwnModel().or(() -> all.find(Engines.DEFAULT));
        }
        return engine.map(entry -> new Choice(entry,
                model.or(() -> entry.offer().ownModel()).orElse(null), prompt));
    }

    /// The model an agent is to use: the configured one, else the engine's own.
    public Optional<Model> modelOf(String id) {
        return modelOf(id, Optional.empty());
    }

    /// The model an agent is to use in a session that may have one of its own.
    ///
    /// @param ref `provider/id`
    public Optional<Model> modelOf(String id, Optional<String> ref) {
        return ref.map(this::model).or(() -> configured(id)).or(() -> choose(id).map(Choice::model));
    }

    /// Whether a model can be chosen: one that is listed, or any of a provider that the configuration knows.
    ///
    /// @param ref `provider/id`
    public boolean isKnown(String ref) {
        int slash = ref.indexOf('/');
        return slash > 0 && slash < ref.length() - 1 && (config.get().providers().containsKey(ref.substring(0, slash))
                || models().stream().anyMatch(model -> model.ref().equals(ref)));
    }

    private Optional<Model> configured(String id) {
        return choice(id).map(ModelChoice::primary).map(this::model);
    }

    private Optional<ModelChoice> choice(String id) {
        return find(id).map(Agent::model).or(() -> Optional.ofNullable(config.get().agentDefaults().model()));
    }

    /// The models to ask when an agent's own fails, as `provider/id`, in order.
    public List<String> fallbacks(String id) {
        return choice(id).map(ModelChoice::fallbacks).orElse(List.of());
    }

    private static String api(Model model) {
        return model.reachedAt().map(Model.Endpoint::api).orElse("openai-completions");
    }

    private Model model(String ref) {
        int slash = ref.indexOf('/');
        String provider = ref.substring(0, slash);
        String id = ref.substring(slash + 1);
        return models().stream().filter(model -> model.provider().equals(provider) && model.id().equals(id)).findFirst()
                .orElseGet(() -> new Model(provider, id, id, 0, 0, endpoint(config.get().providers().get(provider))));
    }

    /// All models of the configuration and of the engines.
    public List<Model> models() {
        Catalogue current = catalogue;
        Config nowConfig = config.get();
        Engines nowEngines = engines.get();
        if (current == null || !current.config().equals(nowConfig) || !current.engines().equals(nowEngines)) {
            current = new Catalogue(nowConfig, nowEngines, List.copyOf(models(nowConfig, nowEngines)));
            catalogue = current;
        }
        return current.models();
    }

    private static List<Model> models(Config config, Engines engines) {
        List<Model> all = new ArrayList<>();
        config.providers().forEach((id, provider) -> {
            for (ModelEntry entry : provider.models() == null ? List.<ModelEntry>of() : provider.models()) {
                all.add(new Model(id, entry.id(), entry.name() == null ? entry.id() : entry.name(),
                        entry.contextWindow() == null ? 0 : entry.contextWindow(),
                        entry.maxTokens() == null ? 0 : entry.maxTokens(), endpoint(provider),
                        entry.input() == null ? List.of() : entry.input()));
            }
        });
        engines.ownModels().stream()
                .filter(own -> all.stream().noneMatch(model -> model.ref().equals(own.ref()))).forEach(all::add);
        return all;
    }

    private static Model.@Nullable Endpoint endpoint(Config.@Nullable Provider provider) {
        if (provider == null || provider.baseUrl() == null) {
            return null;
        }
        String url = provider.baseUrl().endsWith("/")
                ? provider.baseUrl().substring(0, provider.baseUrl().length() - 1)
                : provider.baseUrl();
        return new Model.Endpoint(provider.api() == null ? "openai-completions" : provider.api(), url,
                provider.apiKey());
    }

    /// How long a run may take when nobody says otherwise.
    public Duration timeout() {
        Integer seconds = config.get().agentDefaults().timeoutSeconds();
        return seconds == null ? DEFAULT_TIMEOUT : Duration.ofSeconds(seconds);
    }

    /// What becomes of messages that arrive while another one is being answered, where nobody says otherwise.
    QueueMode queueMode() {
        return QueueMode.named(config.get().queueMode());
    }

    /// How many runs may be at work at once.
    ///
    /// @param lane of those; in all for null
    int maxConcurrent(Rooms.@Nullable Lane lane) {
        Integer all = config.get().agentDefaults().maxConcurrent();
        int most = all == null ? DEFAULT_CONCURRENT : all;
        return switch (lane) {
            case CRON -> Math.min(most, config.get().cronRuns());
            case SUBAGENT -> Math.min(most, config.get().subagentRuns());
            case MAIN -> most;
            case null -> most;
        };
    }

    private Optional<Agent> find(String id) {
        return listed().stream().filter(agent -> id(agent).equals(id)).findFirst();
    }

    private List<Agent> listed() {
        List<Agent> list = config.get().agentsOrEmpty().list();
        return list == null ? List.of() : list;
    }

    private static String id(Agent agent) {
        return agent.id().toLowerCase(Locale.ROOT);
    }
}
