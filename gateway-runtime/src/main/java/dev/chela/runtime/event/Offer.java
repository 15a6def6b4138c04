package dev.chela.runtime.event;

/// What became of news that was offered to a client.
public enum Offer {

    /// It waits to be sent.
    QUEUED,

    /// It was left out: the peer reads too slowly, and may miss it.
    DROPPED,

    /// The peer reads too slowly and may not miss it.
    OVERFLOW,

    /// Nothing is sent any more.
    CLOSED
}
