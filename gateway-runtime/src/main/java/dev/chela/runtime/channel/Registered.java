package dev.chela.runtime.channel;

import java.util.Set;

import dev.chela.api.channel.Channel;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.Shape;
import dev.chela.runtime.lifecycle.Owner;

/// A channel and whose it is; what it said of itself when it was registered.
public record Registered(Owner owner, JsonCodec codec, Channel<?> channel, Traits traits) {

    /// What a channel says of itself.
    public record Traits(String id, String label, int textLimit, Set<Channel.Ability> abilities,
            Set<String> actions, Class<? extends Record> settings) {

        /// Copies the sets.
        public Traits {
            abilities = Set.copyOf(abilities);
            actions = Set.copyOf(actions);
        }

        /// Asks a channel.
        public static Traits of(Channel<?> channel) {
            return new Traits(channel.id(), channel.label(), channel.textLimit(), channel.abilities(),
                    channel.actions(), channel.settings());
        }

        /// Whether it can do something.
        public boolean can(Channel.Ability ability) {
            return abilities.contains(ability);
        }
    }

    /// What the settings of its accounts look like.
    public Shape settings() {
        return codec.shape(traits.settings());
    }

    /// Its id.
    public String id() {
        return traits.id();
    }
}
