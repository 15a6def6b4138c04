package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// An answer, or what was said of it before a tool is called or when it is cut off, is about to be written into the
/// transcript; sync. Parts of it may have been shown already.
///
/// @param session where the run is
/// @param runId the run
/// @param text the answer, or that part of it
public record AnswerWriting(SessionKey session, String runId, String text) {}
