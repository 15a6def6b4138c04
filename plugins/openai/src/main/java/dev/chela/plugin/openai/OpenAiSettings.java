package dev.chela.plugin.openai;

import java.time.Duration;

import dev.chela.api.config.Secret;
import dev.chela.api.json.Bounds;

import org.jspecify.annotations.Nullable;

/// What the operator may set under `plugins.entries.openai.config`.
///
/// @param baseUrl where the provider is reached when the model's own configuration does not say
/// @param apiKey the key for it
/// @param model the model when the configuration names none
/// @param connectTimeoutMs how long connecting may take (default: 4 s)
/// @param firstByteTimeoutMs how long the provider may think before it begins to answer (default: 2 min)
/// @param idleTimeoutMs how long an answer may pause (default: 2 min)
record OpenAiSettings(@Nullable String baseUrl, @Nullable Secret apiKey, @Nullable String model,
        @Bounds(min = 1, max = 60_000) @Nullable Integer connectTimeoutMs,
        @Bounds(min = 1, max = 3_600_000) @Nullable Integer firstByteTimeoutMs,
        @Bounds(min = 1, max = 3_600_000) @Nullable Integer idleTimeoutMs) {

    Duration connectTimeout() {
        return Duration.ofMillis(connectTimeoutMs == null ? 4000 : connectTimeoutMs);
    }

    Duration firstByteTimeout() {
        return Duration.ofMillis(firstByteTimeoutMs == null ? 120_000 : firstByteTimeoutMs);
    }

    Duration idleTimeout() {
        return Duration.ofMillis(idleTimeoutMs == null ? 120_000 : idleTimeoutMs);
    }
}
