package dev.chela.api.hook;

import dev.chela.api.session.SessionKey;

/// The older messages of a session were put away; observe.
///
/// @param session its key
/// @param putAway how many
/// @param kept how many stay
public record SessionCompacted(SessionKey session, int putAway, int kept) {}
