package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// A session has ended; observe.
///
/// @param session its key
/// @param sessionId the id its messages have
/// @param reason `new`, `reset`, `daily`, `idle` or `deleted`
public record SessionEnded(SessionKey session, String sessionId, String reason) {}
