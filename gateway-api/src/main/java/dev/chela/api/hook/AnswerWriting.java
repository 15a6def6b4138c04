package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// An answer is complete and about to be written into the transcript; sync. Parts of it may have been shown already.
///
/// @param session where the run is
/// @param runId the run
/// @param text the whole answer
public record AnswerWriting(SessionKey session, String runId, String text) {}
