package dev.chela.runtime.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

import org.jspecify.annotations.Nullable;

/// The one secret that lets clients in, kept as its digest.
public final class SharedSecret {

    /// Under which name the secret is known.
    public enum Mode {
        /// A generated or configured token.
        TOKEN("token"),
        /// A password a person chose.
        PASSWORD("password");

        private final String label;

        Mode(String label) {
            this.label = label;
        }

        /// As in the configuration and in error reasons.
        public String label() {
            return label;
        }
    }

    private final Mode mode;
    private final byte[] digest;

    /// Takes the secret over as its digest.
    ///
    /// @throws IllegalArgumentException if it is blank
    public SharedSecret(Mode mode, String secret) {
        if (secret.isBlank()) {
            throw new IllegalArgumentException("the " + mode.label() + " is blank");
        }
        this.mode = mode;
        this.digest = digest(secret);
    }

    /// Under which name it is known.
    public Mode mode() {
        return mode;
    }

    /// Compares in a time that tells nothing about the secret, not even its length.
    public boolean matches(@Nullable String offered) {
        return offered != null && MessageDigest.isEqual(digest, digest(offered));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
