package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// A message was taken by its messaging service; observe.
///
/// @param channel the channel's id
/// @param account the account it was sent by
/// @param to the chat it went to
/// @param text what was sent; the question of a poll
/// @param messageId the service's own id of it
/// @param session the session it came from, if it came from one
/// @param runId the run whose answer it is, if it is one
public record MessageSent(String channel, String account, String to, String text, String messageId,
        Optional<SessionKey> session, Optional<String> runId) {}
