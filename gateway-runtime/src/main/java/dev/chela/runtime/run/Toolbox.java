package dev.chela.runtime.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import dev.chela.runtime.config.Config;
import dev.chela.runtime.config.Config.ToolRules;

import org.jspecify.annotations.Nullable;

/// The tools there are now, and which of them each agent may call.
public final class Toolbox {

    private static final String ALL_OF_PLUGINS = "group:plugins";

    private final Supplier<Config> config;
    private volatile Tools tools = new Tools(List.of());

    /// No tools yet.
    public Toolbox(Supplier<Config> config) {
        this.config = config;
    }

    /// Replaces all tools; calls that are under way stay with those they began with.
    public void replace(Tools replacement) {
        tools = replacement;
    }

    /// All tools, whoever may call them.
    public List<Tools.Entry> all() {
        return tools.entries();
    }

    /// The tools an agent may call.
    public List<Tools.Entry> of(String agent) {
        return tools.entries().stream().filter(entry -> mayCall(agent, entry)).toList();
    }

    /// The tool of that name, if the agent may call it.
    public Optional<Tools.Entry> find(String agent, String name) {
        return tools.find(name).filter(entry -> mayCall(agent, entry));
    }

    /// A tool whose owner was entered; somebody must leave it again.
    public Optional<Tools.Entry> enter(String agent, String name) {
        Optional<Tools.Entry> entry = find(agent, name);
        while (entry.isPresent() && !entry.get().owner().enter()) {
            Tools.Entry retired = entry.get(); // its successor is here by now, unless the gateway stops
            entry = find(agent, name).filter(next -> !next.equals(retired));
        }
        return entry;
    }

    /// What holds for all agents and what holds for this one must both permit it.
    private boolean mayCall(String agent, Tools.Entry entry) {
        Config now = config.get();
        return permits(now.toolsOrEmpty(), entry) && permits(now.toolsOf(agent), entry);
    }

    private static boolean permits(ToolRules rules, Tools.Entry entry) {
        return !names(rules.deny(), entry)
                && (rules.allow() == null || rules.allow().isEmpty() || names(rules.allow(), entry));
    }

    private static boolean names(@Nullable List<String> rules, Tools.Entry entry) {
        return rules != null && rules.stream().map(rule -> rule.strip().toLowerCase(Locale.ROOT))
                .anyMatch(rule -> rule.equals(ALL_OF_PLUGINS) || rule.equals(entry.owner().id())
                        || covers(rule, entry.name().toLowerCase(Locale.ROOT)));
    }

    private static boolean covers(String rule, String name) {
        return rule.indexOf('*') < 0
                ? rule.equals(name)
                : name.matches(Pattern.quote(rule).replace("*", "\\E.*\\Q"));
    }
}
