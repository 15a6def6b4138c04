package dev.chela.runtime.channel;

import org.jspecify.annotations.Nullable;

/// What came of asking an account.
///
/// @param answer null if it failed
/// @param error why; null if it did not
/// @param undone whether certainly nothing was done, so that asking again does nothing twice
public record Asked<T>(@Nullable T answer, @Nullable String error, long ms, boolean undone) {

    /// It said something.
    static <T> Asked<T> answered(T answer, long ms) {
        return new Asked<>(answer, null, ms, false);
    }

    /// It said nothing, and nobody knows what it did.
    static <T> Asked<T> failed(String error, long ms) {
        return new Asked<>(null, error, ms, false);
    }

    /// It did nothing.
    static <T> Asked<T> undone(String error, long ms) {
        return new Asked<>(null, error, ms, true);
    }
}
