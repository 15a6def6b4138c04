package dev.chela.api.session;

/// A command as somebody typed it.
///
/// @param session where
/// @param runId unique in the gateway
/// @param arguments the text behind the name, without blanks around it; empty if there is none
public record CommandCall(SessionKey session, String runId, String arguments) {}
