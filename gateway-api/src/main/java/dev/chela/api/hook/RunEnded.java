package dev.chela.api.hook;

import java.time.Duration;
import java.util.Optional;

import dev.chela.api.session.SessionKey;

/// A run has ended; observe.
///
/// @param session where it was
/// @param runId the run
/// @param outcome `finished`, `failed`, `aborted` or `interrupted`
/// @param text the answer, or what there was of it
/// @param error what went wrong, if anything did
/// @param took how long it was at work
public record RunEnded(SessionKey session, String runId, String outcome, String text, Optional<String> error,
        Duration took) {}
