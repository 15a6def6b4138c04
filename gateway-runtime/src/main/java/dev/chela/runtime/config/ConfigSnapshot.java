package dev.chela.runtime.config;

import java.nio.file.Path;
import java.util.List;

import dev.chela.api.json.Json;

/// One valid reading of the configuration.
///
/// @param file where it is, or would be
/// @param exists whether there is such a file
/// @param hash of the file's bytes, SHA-256 in hex; empty if there is none
/// @param source what the file says, before variables were put in
/// @param config what that means
/// @param warnings what was ignored, and why
public record ConfigSnapshot(Path file, boolean exists, String hash, Json source, Config config,
        List<String> warnings) {}
