package dev.chela.api.channel;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// A message to be sent.
///
/// @param id the gateway's own, the same in every attempt; give it to services that recognise repetitions
/// @param to the chat
/// @param thread the thread within it
/// @param replyTo the id of the message it answers
/// @param content what to send
/// @param attempt which attempt this is, from 1
/// @param repeated whether an earlier attempt may have arrived
public record Outbound(String id, String to, @Nullable String thread, @Nullable String replyTo, Content content,
        int attempt, boolean repeated) {

    /// What is sent.
    public sealed interface Content permits Text, Poll {}

    /// Text, and files the service fetches by itself.
    ///
    /// @param text at most [Channel#textLimit] long; may be empty if there is media
    /// @param media only for channels that can send it
    public record Text(String text, List<URI> media) implements Content {

        /// Copies the media.
        public Text {
            media = List.copyOf(media);
        }

        /// Text alone.
        public Text(String text) {
            this(text, List.of());
        }
    }

    /// A question with answers to choose from; only for channels that can send it.
    ///
    /// @param options 2 to 12
    /// @param maxSelections how many may be chosen
    /// @param open how long it stays open; null if the service decides
    public record Poll(String question, List<String> options, int maxSelections, @Nullable Duration open)
            implements
                Content {

        /// Copies the options.
        public Poll {
            options = List.copyOf(options);
        }
    }
}
