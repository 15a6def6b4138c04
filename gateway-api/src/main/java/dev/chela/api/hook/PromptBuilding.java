package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// An engine is about to be asked; modify.
///
/// @param session where the run is
/// @param runId the run
/// @param systemPrompt what the agent is told about itself
/// @param message what it is asked, with the session's notes before it; the transcript keeps what was said,
///     and what came with it goes along as it is
public record PromptBuilding(SessionKey session, String runId, Optional<String> systemPrompt, String message) {}
