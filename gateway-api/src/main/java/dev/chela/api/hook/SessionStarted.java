package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// A session has begun: one that was not there before, or one that begins anew under its key; observe.
///
/// @param session its key
/// @param sessionId changes when it begins anew
/// @param reason `created`, `new`, `reset`, `daily` or `idle`
public record SessionStarted(SessionKey session, String sessionId, String reason) {}
