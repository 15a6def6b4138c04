package dev.chela.api.agent;

import dev.chela.api.json.Json;

/// A tool that the agent may call in a turn, as its model is told of it.
///
/// @param name what the model calls
/// @param description what it does
/// @param schema the form of its params, a JSON schema
public record ToolOffer(String name, String description, Json schema) {}
