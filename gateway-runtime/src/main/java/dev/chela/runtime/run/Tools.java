package dev.chela.runtime.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.agent.Tool;
import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.lifecycle.Owner;

/// The tools of plugins at one moment; immutable, replaced as a whole.
public final class Tools {

    private final Map<String, Entry> byName = new LinkedHashMap<>();

    /// A tool and whose it is.
    ///
    /// @param codec binds params and writes results; the owner's own
    /// @param schema the form of its params
    public record Entry(Owner owner, JsonCodec codec, Tool<?> tool, Json schema) {

        /// Its name.
        public String name() {
            return tool.name();
        }
    }

    /// The tools, in the order of the plugins.
    public Tools(List<Entry> entries) {
        entries.forEach(entry -> byName.put(entry.name(), entry));
    }

    /// All of them, in order.
    public List<Entry> entries() {
        return List.copyOf(byName.values());
    }

    /// The tool of that name.
    Optional<Entry> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
