package dev.chela.api.hook;

import java.time.Duration;
import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// A tool has answered, failed or was stopped; observe.
///
/// @param session where it was called
/// @param runId the run it was called in; empty if a client called it
/// @param tool its name
/// @param result what it said
/// @param isError whether it failed
/// @param took how long it was at work
public record ToolCalled(SessionKey session, Optional<String> runId, String tool, String result, boolean isError,
        Duration took) {}
