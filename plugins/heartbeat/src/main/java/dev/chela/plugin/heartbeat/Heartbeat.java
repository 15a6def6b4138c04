package dev.chela.plugin.heartbeat;

import org.jspecify.annotations.Nullable;

/// What came of one heartbeat.
///
/// @param ts when, ms
/// @param status `skipped`, `ok-token`, `ok-empty` or `failed`
/// @param reason why it was skipped or failed
/// @param preview the beginning of what the agent said
/// @param durationMs how long it took
/// @param hasMedia whether it came with more than text
record Heartbeat(long ts, String status, @Nullable String reason, @Nullable String preview, @Nullable Long durationMs,
        @Nullable Boolean hasMedia) {

    static Heartbeat skipped(long ts, String reason) {
        return new Heartbeat(ts, "skipped", reason, null, null, null);
    }
}
