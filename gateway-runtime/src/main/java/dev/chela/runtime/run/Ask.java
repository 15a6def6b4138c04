package dev.chela.runtime.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

import dev.chela.api.session.SessionKey;

import org.jspecify.annotations.Nullable;

/// Somebody asks for a run.
///
/// @param id the caller's idempotency key, which becomes the run's id
/// @param method the method it came by
/// @param principal whose key it is
/// @param session where it is to run
/// @param message what was said
/// @param options what else was asked for
public record Ask(String id, String method, String principal, SessionKey session, String message, Options options) {

    /// The longest id.
    public static final int MAX_ID = 256;

    /// What else can be asked for.
    ///
    /// @param timeout how long it may take; null for the default
    /// @param extraPrompt added to what the agent was told about itself
    /// @param source what started it, if not a person; such a run is not shown in chats
    public record Options(@Nullable Duration timeout, @Nullable String extraPrompt, @Nullable String source) {

        /// Nothing else.
        public static final Options NONE = new Options(null, null, null);
    }

    /// Tells this request from another under the same id.
    String hash() {
        String all = String.join("\u0000", session.toString(), message, String.valueOf(options.extraPrompt()),
                String.valueOf(options.source()));
        try {
            return HexFormat.of().formatHex(
                    MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8)), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
