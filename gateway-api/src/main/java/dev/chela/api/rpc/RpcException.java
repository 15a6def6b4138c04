package dev.chela.api.rpc;

import java.time.Duration;
import java.util.Optional;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// A failure the client is told about, word for word. Anything else a handler throws reaches the client only as
/// `UNAVAILABLE`, with the details in the log.
///
/// Never put a secret into the message.
public final class RpcException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient @Nullable Json details;
    private final @Nullable Duration retryAfter;

    /// A failure without details.
    public RpcException(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    private RpcException(ErrorCode code, String message, @Nullable Json details, @Nullable Duration retryAfter) {
        super(message);
        this.code = code;
        this.details = details;
        this.retryAfter = retryAfter;
    }

    /// The caller made a mistake; the message says which.
    public static RpcException invalid(String message) {
        return new RpcException(ErrorCode.INVALID_REQUEST, message);
    }

    /// It cannot be done now.
    public static RpcException unavailable(String message) {
        return new RpcException(ErrorCode.UNAVAILABLE, message);
    }

    /// The same failure with machine-readable details.
    public RpcException with(Json details) {
        return same(new RpcException(code, message(), details, retryAfter));
    }

    /// The same failure, marked as worth another try after that time.
    public RpcException retryable(Duration after) {
        return same(new RpcException(code, message(), details, after));
    }

    private RpcException same(RpcException other) {
        other.setStackTrace(getStackTrace());
        if (getCause() != null) {
            other.initCause(getCause());
        }
        return other;
    }

    /// The kind of failure.
    public ErrorCode code() {
        return code;
    }

    /// The text for the client.
    public String message() {
        return String.valueOf(getMessage());
    }

    /// Machine-readable details.
    public Optional<Json> details() {
        return Optional.ofNullable(details);
    }

    /// When another try may succeed; empty if it will not.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
