package dev.chela.runtime.lifecycle;

/// When a part is stopped; phases close in this order, the parts of one phase in reverse order of their start.
public enum ClosePhase {
    /// Plugins hear that the gateway stops while everything still works.
    HOOKS("stop hooks"),
    /// No change of the configuration is noticed any more.
    CONFIG("config watcher"),
    /// Services that stand in front of clients.
    EARLY("early services"),
    /// Clients are told goodbye.
    CLIENTS("clients"),
    /// Messaging services are left.
    CHANNELS("channels"),
    /// Whatever runs by the clock.
    TIMERS("timers"),
    /// Nobody listens to events any more.
    EVENTS("event subscriptions"),
    /// What makes the port reachable from elsewhere.
    EXPOSURE("exposure"),
    /// What makes the gateway known on the network.
    DISCOVERY("discovery"),
    /// The port.
    PORT("port"),
    /// What must survive, and what all others stand on.
    GROUND("ground");

    private final String label;

    ClosePhase(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
