package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// A run is about to be answered; gate. A refused run ends with an error that tells the reason.
///
/// @param session where the run is
/// @param runId the run
/// @param message what was said
public record RunStarting(SessionKey session, String runId, String message) {}
