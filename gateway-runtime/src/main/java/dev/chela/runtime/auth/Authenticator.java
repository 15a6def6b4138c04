package dev.chela.runtime.auth;

import java.util.function.Supplier;

import dev.chela.runtime.protocol.ConnectParams.Auth;

import org.jspecify.annotations.Nullable;

/// Says whether what a client offers is enough to come in.
public final class Authenticator {

    private final Supplier<SharedSecret> secret;

    /// Reads the secret anew at every attempt, so that a changed one counts at once.
    public Authenticator(Supplier<SharedSecret> secret) {
        this.secret = secret;
    }

    /// The outcome of one attempt.
    public sealed interface Outcome {

        /// The secret is right.
        record Accepted(String method) implements Outcome {}

        /// It is missing or wrong.
        ///
        /// @param reason such as `token_mismatch`
        record Refused(String reason) implements Outcome {

            /// Whether nothing was offered at all.
            public boolean nothingOffered() {
                return reason.endsWith("_missing");
            }
        }
    }

    /// Checks the shared secret in a `connect`. It may sit in the token or the password field; the one named like the
    /// mode counts if both are there. Empty strings are absent.
    public Outcome check(Auth auth) {
        SharedSecret current = secret.get();
        String named = current.mode() == SharedSecret.Mode.TOKEN ? auth.token() : auth.password();
        String other = current.mode() == SharedSecret.Mode.TOKEN ? auth.password() : auth.token();
        String offered = blankToNull(named) == null ? blankToNull(other) : named;
        return check(current, offered);
    }

    /// Checks the bearer secret of an HTTP request.
    public Outcome checkBearer(@Nullable String bearer) {
        return check(secret.get(), blankToNull(bearer));
    }

    private static Outcome check(SharedSecret current, @Nullable String offered) {
        String mode = current.mode().label();
        if (offered == null) {
            return new Outcome.Refused(mode + "_missing");
        }
        return current.matches(offered) ? new Outcome.Accepted(mode) : new Outcome.Refused(mode + "_mismatch");
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
