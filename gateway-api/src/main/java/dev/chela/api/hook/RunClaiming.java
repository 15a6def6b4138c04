package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// A run is about to be answered by an engine; claim. The text of the hook that claims it is the answer.
///
/// @param session where the run is
/// @param runId the run
/// @param message what was said
public record RunClaiming(SessionKey session, String runId, String message) {}
