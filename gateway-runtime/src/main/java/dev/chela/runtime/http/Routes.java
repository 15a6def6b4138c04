package dev.chela.runtime.http;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.http.Route;
import dev.chela.runtime.lifecycle.Owner;

/// The routes of plugins at one moment; immutable, replaced as a whole.
public final class Routes {

    private final Map<String, Entry> exact = new HashMap<>();
    private final List<Entry> below;

    /// A route and whose it is.
    public record Entry(Route route, Owner owner) {}

    /// These routes.
    ///
    /// @throws IllegalArgumentException naming a path that is there twice
    public Routes(List<Entry> entries) {
        for (Entry entry : entries) {
            Entry other = exact.putIfAbsent(entry.route().path(), entry);
            if (other != null) {
                throw new IllegalArgumentException("route '" + entry.route().path() + "' of '" + entry.owner().id()
                        + "' is already there, from '" + other.owner().id() + "'");
            }
        }
        below = entries.stream().filter(entry -> entry.route().prefix())
                .sorted(Comparator.comparingInt((Entry entry) -> entry.route().path().length()).reversed()).toList();
    }

    /// The route of a path: the exact one, else the longest it lies below.
    Optional<Entry> find(CanonicalPath path) {
        Entry found = exact.get(path.key());
        return found != null
                ? Optional.of(found)
                : below.stream().filter(entry -> path.isAtOrBelow(entry.route().path())).findFirst();
    }
}
