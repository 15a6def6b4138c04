package dev.chela.api.hook;

import java.util.Optional;

import dev.chela.api.json.Json;
import dev.chela.api.session.SessionKey;

/// A tool is about to be called, by an engine or by a client; modify, then gate, so that gates see
/// what will be done. What a refused call was refused for is
/// its result. The time of the hooks counts as the tool's.
///
/// @param session where it is called
/// @param runId the run it is called in; empty if a client calls it
/// @param tool its name; a change of it is not taken
/// @param arguments an object
public record ToolCalling(SessionKey session, Optional<String> runId, String tool, Json arguments) {}
