package dev.chela.api.rpc;

import java.time.Instant;

/// One call of a method, as its handler sees it.
public interface Call {

    /// Who calls.
    Caller caller();

    /// When the gateway gives up: the handler's thread is then interrupted and the caller told `UNAVAILABLE`.
    Instant deadline();

    /// Sends a first answer now; the handler's result follows later under the same request id.
    ///
    /// Clients that want only the first stop there. At most one per call; never blocks for the client.
    ///
    /// @param payload a record, map, list, string, number or [dev.chela.api.json.Json]
    /// @throws IllegalStateException at the second time
    void progress(Object payload);
}
