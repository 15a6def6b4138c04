package dev.chela.runtime.plugin;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import dev.chela.api.agent.Tool;
import dev.chela.api.agent.ToolShelf;
import dev.chela.runtime.run.Tools;

/// Tools that a plugin offers for now. Checked when they are offered, on the plugin's thread, so that whoever lists or
/// calls tools never waits for a plugin.
final class Shelf implements ToolShelf {

    private static final System.Logger LOG = System.getLogger("plugins");
    /// A plugin that makes up ever new names is not remembered for ever.
    private static final int MAX_NAMED = 2000;

    private final String name;
    private final Function<Tool<?>, Tools.Entry> check;
    private final Runnable changed;
    private final Set<String> named = new HashSet<>();
    private volatile List<Tools.Entry> entries = List.of();
    private volatile Map<String, String> clashes = Map.of();
    private boolean ended;

    /// @param name for the log
    /// @param check makes an entry of a tool, or throws [IllegalArgumentException]
    Shelf(String name, Function<Tool<?>, Tools.Entry> check, Runnable changed) {
        this.name = name;
        this.check = check;
        this.changed = changed;
    }

    @Override
    public synchronized List<String> offer(List<? extends Tool<?>> tools) {
        if (ended) {
            throw new IllegalStateException("the shelf '" + name + "' is closed");
        }
        Map<String, Tools.Entry> good = new LinkedHashMap<>();
        List<String> flaws = new ArrayList<>();
        for (Tool<?> tool : tools) {
            try {
                Tools.Entry entry = check.apply(tool);
                if (good.size() >= MAX_TOOLS) {
                    throw new IllegalArgumentException("tool '" + tool.name() + "' is one of more than " + MAX_TOOLS);
                } else if (good.putIfAbsent(tool.name(), entry) != null) {
                    throw new IllegalArgumentException("tool '" + tool.name() + "' is offered twice");
                }
            } catch (IllegalArgumentException e) {
                flaws.add(String.valueOf(e.getMessage()));
            }
        }
        entries = List.copyOf(good.values());
        changed.run();
        flaws.addAll(clashes.values());
        flaws.forEach(this::nameOnce);
        return List.copyOf(flaws);
    }

    private void nameOnce(String flaw) {
        if (named.size() < MAX_NAMED && named.add(flaw)) {
            LOG.log(Level.WARNING, "left out of '" + name + "': " + flaw);
        }
    }

    /// Offers nothing any more.
    synchronized void end() {
        ended = true;
        entries = List.of();
    }

    /// Everything that may be called: what was registered for good, then what lies on shelves, the first of each name.
    static Tools collect(List<Registrations> plugins) {
        Map<String, Tools.Entry> all = new LinkedHashMap<>();
        plugins.forEach(plugin -> all.putAll(plugin.tools()));
        for (Registrations plugin : plugins) {
            plugin.shelves().values().forEach(shelf -> shelf.addTo(all));
        }
        return new Tools(List.copyOf(all.values()));
    }

    private void addTo(Map<String, Tools.Entry> all) {
        Map<String, String> lost = new LinkedHashMap<>();
        for (Tools.Entry entry : entries) {
            Tools.Entry first = all.putIfAbsent(entry.name(), entry);
            if (first != null) {
                lost.put(entry.name(), "tool '" + entry.name() + "' is there already, from plugin '"
                        + first.owner().id() + "'");
            }
        }
        clashes = lost;
    }
}
