package dev.chela.runtime.dispatch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.rpc.Method;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.Owner;

import org.jspecify.annotations.Nullable;

/// The methods that can be called at one moment; immutable, replaced as a whole.
public final class Methods {

    private final Map<String, Entry> byName = new LinkedHashMap<>();
    private final JsonText advertised;

    /// A method and whose it is.
    ///
    /// @param codec binds params and writes results; the owner's own
    /// @param core how the core runs it; null for a plugin's method
    public record Entry(Method<?> method, Owner owner, JsonCodec codec, @Nullable CoreMethod core) {

        /// Whether every authenticated connection may call it.
        boolean isForAll() {
            return core != null && core.forAll();
        }
    }

    /// The entries in the order in which they are advertised.
    ///
    /// @throws IllegalArgumentException naming a method that is there twice
    public Methods(List<Entry> entries) {
        for (Entry entry : entries) {
            Entry other = byName.putIfAbsent(entry.method().name(), entry);
            if (other != null) {
                throw new IllegalArgumentException("method '" + entry.method().name() + "' of '" + entry.owner().id()
                        + "' is already there, from '" + other.owner().id() + "'");
            }
        }
        advertised = new JsonCodec().encode(List.copyOf(byName.keySet()));
    }

    /// The method of that name.
    public Optional<Entry> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// All names, in order.
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /// All names as a JSON array.
    public JsonText advertised() {
        return advertised;
    }
}
