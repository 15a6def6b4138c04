package dev.chela.api.channel;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/// A message somebody wrote in a channel.
///
/// @param id the service's own, unique within the chat; 1 to 120 characters
/// @param at when it was written
/// @param chat where
/// @param sender who
/// @param text what, at most 1,000,000 UTF-16 units
/// @param replyTo the id of the message it answers
/// @param mentioned whether the account was addressed; direct messages always are
public record Inbound(String id, Instant at, Chat chat, Sender sender, String text, @Nullable String replyTo,
        boolean mentioned) {

    /// The longest id, in UTF-16 units.
    public static final int MAX_ID = 120;

    /// The longest text, in UTF-16 units.
    public static final int MAX_TEXT = 1_000_000;

    /// Where people write. What is sent to [#id] arrives there.
    ///
    /// @param kind what kind of place it is
    /// @param id the service's own, 1 to 120 characters
    /// @param thread the thread within it, at most 120 characters
    /// @param space what it belongs to, such as a Discord guild or a Slack team
    /// @param title its name, for lists
    public record Chat(Kind kind, String id, @Nullable String thread, @Nullable String space, @Nullable String title) {

        /// A conversation with one person.
        public static Chat direct(String id) {
            return new Chat(Kind.DIRECT, id, null, null, null);
        }

        /// A conversation of several people.
        public static Chat group(String id) {
            return new Chat(Kind.GROUP, id, null, null, null);
        }

        /// What kind of place a chat is.
        public enum Kind {
            /// One person.
            DIRECT,
            /// Several people.
            GROUP,
            /// Everybody who comes in.
            ROOM
        }
    }

    /// Who wrote.
    ///
    /// @param id the service's own, 1 to 120 characters
    /// @param name as people know it
    public record Sender(String id, @Nullable String name) {}
}
