package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// A message was accepted and is on the disk; observe.
///
/// @param session where it was said
/// @param runId the run that will answer it
/// @param method how it came, such as `chat.send`
/// @param text what was said
public record MessageReceived(SessionKey session, String runId, String method, String text) {}
