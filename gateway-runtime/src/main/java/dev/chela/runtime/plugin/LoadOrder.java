package dev.chela.runtime.plugin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Puts plugins behind those they depend on, and otherwise leaves them in the order given. One that is part of a circle
/// comes before what it needs and is refused for that when loaded.
///
/// @param <T> what stands for a plugin
final class LoadOrder<T> {

    private final Map<String, T> byId = new LinkedHashMap<>();
    private final Function<T, Descriptor> descriptor;
    private final Set<String> visited = new HashSet<>();
    private final List<T> sorted = new ArrayList<>();

    LoadOrder(List<T> plugins, Function<T, Descriptor> descriptor) {
        this.descriptor = descriptor;
        plugins.forEach(plugin -> byId.put(descriptor.apply(plugin).id(), plugin));
    }

    List<T> sorted() {
        byId.keySet().forEach(this::visit);
        return sorted;
    }

    private void visit(String id) {
        T plugin = byId.get(id);
        if (plugin == null || !visited.add(id)) {
            return;
        }
        descriptor.apply(plugin).dependencies().forEach(dependency -> visit(dependency.id()));
        sorted.add(plugin);
    }
}
