package dev.chela.api.agent;

import java.io.Serializable;

/// A turn that failed for a reason the person should read.
public final class EngineException extends Exception {

    private static final long serialVersionUID = 1L;

    /// The kind of failure, as clients see it; an open set.
    ///
    /// @param name such as `rate_limit`
    public record Kind(String name) implements Serializable {

        /// The model refused.
        public static final Kind REFUSAL = new Kind("refusal");

        /// Nothing came in time.
        public static final Kind TIMEOUT = new Kind("timeout");

        /// Too many requests, or the account is used up.
        public static final Kind RATE_LIMIT = new Kind("rate_limit");

        /// The conversation is too long for the model.
        public static final Kind CONTEXT_LENGTH = new Kind("context_length");

        /// Anything else.
        public static final Kind UNKNOWN = new Kind("unknown");
    }

    private final Kind kind;

    /// A failure the engine saw itself.
    ///
    /// @param message for the person; without secrets
    public EngineException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// A failure with its cause, which only the log gets.
    ///
    /// @param message for the person; without secrets
    public EngineException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// The kind of failure.
    public Kind kind() {
        return kind;
    }
}
