package dev.chela.runtime.event;

/// The connection on which a client's news leave. Safe for all threads; never waits for the peer.
public interface Outlet {

    /// Takes live news, or not; called with the handle locked, if there is one.
    ///
    /// @param offset their number in the handle's stream, if they are taken; 0 without a handle
    Offer offer(News news, long offset);

    /// Takes news that were missed, and may not refuse them: no more than a ring holds; called with the handle locked.
    void replay(News news, long offset);

    /// Learns what became of an offer, now that the handle is not locked any more.
    void offered(Offer offer);

    /// Another connection took the handle.
    void superseded();
}
