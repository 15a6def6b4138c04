package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// What a tool said is about to be told to the model and written into the transcript; sync.
///
/// @param session where it was called
/// @param runId the run it was called in; empty if a client called it
/// @param tool its name
/// @param result what it said; only a change of this is taken
public record ToolResultWriting(SessionKey session, Optional<String> runId, String tool, String result) {}
