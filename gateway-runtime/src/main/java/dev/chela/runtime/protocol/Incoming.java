package dev.chela.runtime.protocol;

import dev.chela.runtime.json.JsonText;

/// What a message of a client turned out to be.
public sealed interface Incoming {

    /// A call.
    ///
    /// @param id chosen by the client
    /// @param method the name of the method
    /// @param params not yet bound
    record Request(String id, String method, JsonText params) implements Incoming {}

    /// Not JSON at all.
    record Garbage() implements Incoming {}

    /// JSON, but no request.
    ///
    /// @param id what to answer to, as it was sent
    /// @param problems what is wrong
    record NoRequest(JsonText id, String problems) implements Incoming {}
}
