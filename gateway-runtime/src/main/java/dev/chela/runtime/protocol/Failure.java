package dev.chela.runtime.protocol;

import dev.chela.api.rpc.ErrorCode;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// The error of a failed call as it goes over the wire.
///
/// @param code the kind
/// @param message for people, and for clients that compare it
/// @param details for programs
/// @param retryAfterMs when another try may succeed; null if it will not
public record Failure(ErrorCode code, String message, @Nullable JsonText details, @Nullable Long retryAfterMs) {

    /// A failure without details that will not go away by itself.
    public static Failure of(ErrorCode code, String message) {
        return new Failure(code, message, null, null);
    }

    /// A mistake of the caller.
    public static Failure invalid(String message) {
        return of(ErrorCode.INVALID_REQUEST, message);
    }

    /// Something that cannot be done now, but may be soon.
    public static Failure retryable(String message, long afterMs) {
        return new Failure(ErrorCode.UNAVAILABLE, message, null, afterMs);
    }

    /// The same with details.
    public Failure with(JsonText details) {
        return new Failure(code, message, details, retryAfterMs);
    }
}
