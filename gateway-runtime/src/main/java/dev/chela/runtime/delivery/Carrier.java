package dev.chela.runtime.delivery;

import java.util.function.Consumer;

import dev.chela.api.channel.Outbound;
import dev.chela.api.channel.Receipt;

/// Carries messages to messaging services.
public interface Carrier {

    /// Lets something be sent through an account, on a thread of the plugin that brings the channel. Returns at once.
    ///
    /// @param work called on that thread if it begins
    Begun begin(String channel, String account, Consumer<Transport> work);

    /// The longest text of one message, in UTF-16 units.
    int textLimit(String channel);

    /// Whether something began.
    enum Begun {
        /// It did.
        BEGUN,
        /// The account does not run.
        DOWN,
        /// Too much is being sent already.
        BUSY
    }

    /// Sends one message; see [dev.chela.api.channel.Channel#send].
    @FunctionalInterface
    interface Transport {

        /// Sends it and returns once the service has taken it.
        Receipt send(Outbound message) throws Exception;
    }
}
