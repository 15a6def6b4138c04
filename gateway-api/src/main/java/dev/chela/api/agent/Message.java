package dev.chela.api.agent;

import java.time.Instant;

/// One message of a conversation, as an engine sees it.
///
/// @param speaker who said it
/// @param text what was said
/// @param at when
public record Message(Speaker speaker, String text, Instant at) {

    /// Who speaks in a conversation; an open set.
    ///
    /// @param name as providers know it
    public record Speaker(String name) {

        /// A person.
        public static final Speaker USER = new Speaker("user");

        /// The agent.
        public static final Speaker ASSISTANT = new Speaker("assistant");
    }
}
