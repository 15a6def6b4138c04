package dev.chela.api.event;

/// Where news is told. Safe for all threads; never waits for a client.
public interface Events {

    /// The largest payload, as JSON in bytes.
    int MAX_BYTES = 1 << 20;

    /// Sends news to every connection of the type's audience.
    ///
    /// Connections see the news of one thread in the order in which it was published.
    ///
    /// @throws IllegalArgumentException if this plugin did not register this very type, if the payload is not of its
    ///     class, has no JSON form or more than [#MAX_BYTES], or if the plugin is closed
    <P> void publish(EventType<P> type, P payload);
}
