package dev.chela.api.event;

/// Where news is told. Safe for all threads; never waits for a client.
public interface Events {

    /// Sends news to every connection of the type's audience.
    ///
    /// Connections see the news of one thread in the order in which it was published.
    ///
    /// @throws IllegalArgumentException if this plugin did not register the type
    <P> void publish(EventType<P> type, P payload);
}
