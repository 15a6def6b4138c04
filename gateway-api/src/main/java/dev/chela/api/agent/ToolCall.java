package dev.chela.api.agent;

import java.time.Instant;
import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// One call of a tool, as its handler sees it.
public interface ToolCall {

    /// The call's id, as the model chose it.
    String id();

    /// The run that called; empty if a client called the tool itself.
    Optional<String> runId();

    /// The session it is called in; its agent is the one that calls.
    SessionKey session();

    /// When the gateway gives up: the handler's thread is then interrupted, and the model told so.
    Instant deadline();
}
