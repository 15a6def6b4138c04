package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// An engine is about to be chosen for a run; modify.
///
/// @param session where the run is
/// @param runId the run
/// @param model `provider/id`, if one was chosen so far; a hook may name another that `models.list` has
public record ModelChoosing(SessionKey session, String runId, Optional<String> model) {}
