package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// A message is about to be sent through a channel; modify, gate. Only its text can be changed, within the channel's limit; a
/// refused one is given up with the reason. Asked again at every attempt.
///
/// @param channel the channel's id
/// @param account the account it is sent by
/// @param to the chat it goes to
/// @param text what is sent; the question of a poll
/// @param session the session it comes from, if it comes from one
/// @param runId the run whose answer it is, if it is one
public record MessageSending(String channel, String account, String to, String text, Optional<SessionKey> session,
        Optional<String> runId) {}
