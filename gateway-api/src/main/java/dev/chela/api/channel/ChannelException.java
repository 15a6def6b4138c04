package dev.chela.api.channel;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// A message that was not taken or not sent, and whether to try again.
public final class ChannelException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean lasting;
    private final transient @Nullable Duration retryAfter;

    private ChannelException(String message, boolean lasting, @Nullable Duration retryAfter) {
        super(message);
        this.lasting = lasting;
        this.retryAfter = retryAfter;
    }

    /// It may work later.
    ///
    /// @param message for operators; without secrets
    public static ChannelException passing(String message) {
        return new ChannelException(message, false, null);
    }

    /// It may work after some time, such as where a service limits how often one may ask.
    ///
    /// @param message for operators; without secrets
    public static ChannelException passing(String message, Duration retryAfter) {
        return new ChannelException(message, false, retryAfter);
    }

    /// It will never work, such as where the chat does not exist.
    ///
    /// @param message for operators; without secrets
    public static ChannelException lasting(String message) {
        return new ChannelException(message, true, null);
    }

    /// The same with its cause, which only the log gets.
    public ChannelException because(Throwable cause) {
        initCause(cause);
        return this;
    }

    /// Whether trying again is of no use.
    public boolean isLasting() {
        return lasting;
    }

    /// When to try again at the earliest, if the service says so.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
