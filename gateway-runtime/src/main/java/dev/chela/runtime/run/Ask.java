package dev.chela.runtime.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

import dev.chela.api.session.SessionKey;
import dev.chela.runtime.session.Route;

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

    /// The method of what arrives in channels.
    public static final String FROM_CHANNEL = "channel";

    /// The longest id.
    public static final int MAX_ID = 256;

    /// What else can be asked for.
    ///
    /// @param timeout how long it may take; null for the default
    /// @param extraPrompt added to what the agent was told about itself
    /// @param source what started it, if not a person; such a run is not shown in chats
    /// @param command the plugin's slash command that answers instead of an engine
    /// @param reply where the answer is sent besides
    /// @param mode what becomes of it while another message is being answered; null for the configured one
    public record Options(@Nullable Duration timeout, @Nullable String extraPrompt, @Nullable String source,
            @Nullable String command, @Nullable Reply reply, @Nullable QueueMode mode) {

        /// Nothing else.
        public static final Options NONE = new Options(null, null, null, null, null, null);

        /// Nothing but a time limit.
        public static Options within(@Nullable Duration timeout) {
            return new Options(timeout, null, null, null, null, null);
        }

        /// The same, answered by a command of a plugin.
        public Options by(String name) {
            return new Options(timeout, extraPrompt, source, name, reply, mode);
        }

        /// The same, with its answer sent to a place in a channel.
        public Options to(@Nullable Reply place) {
            return new Options(timeout, extraPrompt, source, command, place, mode);
        }

        /// The same, queued in a certain way.
        public Options queued(@Nullable QueueMode how) {
            return new Options(timeout, extraPrompt, source, command, reply, how);
        }
    }

    /// Where an answer is sent.
    ///
    /// @param route the place
    /// @param messageId the message it answers there
    /// @param arrived whether the question came from there, so that the session is there from now on
    public record Reply(Route route, @Nullable String messageId, boolean arrived) {}

    /// The same in other words.
    public Ask saying(String text) {
        return new Ask(id, method, principal, session, text, options);
    }

    /// The same, answered by a command of a plugin.
    public Ask by(String command) {
        return new Ask(id, method, principal, session, message, options.by(command));
    }

    /// The same, queued in a way if it says nothing about that itself. What plugins start by themselves takes its own turn.
    Ask queued(QueueMode mode) {
        return options.mode() != null || options.source() != null
                ? this
                : new Ask(id, method, principal, session, message, options.queued(mode));
    }

    /// Tells this request from another under the same id.
    String hash() {
        String all = String.join("\u0000", session.toString(), message, String.valueOf(options.extraPrompt()),
                String.valueOf(options.source())) + (options.reply() == null ? "" : options.reply().route().address());
        try {
            return HexFormat.of().formatHex(
                    MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8)), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
