package dev.chela.api;

/// Background work of a plugin.
///
/// Started in order of registration once the gateway is ready; a failed start is reported and does not stop the
/// gateway. Two loadings of one plugin never run the same service at once.
public interface Service {

    /// When a service is stopped, relative to others; the earliest first.
    enum Phase {
        /// Before the clients are told goodbye.
        EARLY,
        /// Together with everything that runs by the clock.
        TIMERS,
        /// When nothing listens to events any more.
        EVENTS,
        /// What makes the port reachable from elsewhere.
        EXPOSURE,
        /// What makes the gateway known on the network.
        DISCOVERY
    }

    /// The name shown to operators; unique within the plugin.
    String name();

    /// Starts the work and returns; may block for some seconds.
    void start() throws Exception;

    /// Stops the work; called once after each [#start], also a failed one. Interrupted after 5 s.
    void stop() throws Exception;

    /// When it is stopped.
    default Phase phase() {
        return Phase.TIMERS;
    }
}
