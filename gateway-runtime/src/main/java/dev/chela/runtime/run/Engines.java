package dev.chela.runtime.run;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.chela.api.agent.AgentEngine;
import dev.chela.api.agent.Model;
import dev.chela.runtime.lifecycle.Owner;

/// The agent engines of plugins at one moment; immutable, replaced as a whole.
///
/// @param entries in the order of the plugins
public record Engines(List<Entry> entries) {

    /// The engine that answers when nothing else was chosen.
    public static final String DEFAULT = "echo";

    /// An engine and whose it is, with what it said of itself when it was registered.
    public record Entry(Owner owner, Offer offer) {

        /// Its id.
        public String id() {
            return offer.id();
        }

        /// The engine itself; called on threads of its owner only.
        public AgentEngine engine() {
            return offer.engine();
        }
    }

    /// What an engine offers.
    public record Offer(String id, AgentEngine engine, Set<String> apis, Optional<Model> ownModel, List<Model> models) {

        /// Asks the engine; runs code of its plugin.
        public static Offer of(String id, AgentEngine engine) {
            return new Offer(id, engine, Set.copyOf(engine.apis()), engine.defaultModel(),
                    List.copyOf(engine.models()));
        }
    }

    /// Copies the list.
    public Engines {
        entries = List.copyOf(entries);
    }

    /// The engine of that id.
    public Optional<Entry> find(String id) {
        return entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    /// An engine that can talk to providers of an API.
    Optional<Entry> serving(String api) {
        return entries.stream().filter(entry -> entry.offer().apis().contains(api)).findFirst();
    }

    /// The first engine that was given a model by its own settings.
    Optional<Entry> withOwnModel() {
        return entries.stream().filter(entry -> entry.offer().ownModel().isPresent()).findFirst();
    }

    /// The models that engines know by themselves.
    List<Model> ownModels() {
        return entries.stream().flatMap(entry -> entry.offer().models().stream()).toList();
    }
}
