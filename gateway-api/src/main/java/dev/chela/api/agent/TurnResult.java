package dev.chela.api.agent;

/// How a turn ended well.
///
/// @param stopReason why the answer ended
/// @param usage what it cost
public record TurnResult(StopReason stopReason, Usage usage) {

    /// Why an answer ended; an open set.
    ///
    /// @param name as clients see it
    public record StopReason(String name) {

        /// The answer is complete.
        public static final StopReason STOP = new StopReason("stop");

        /// The model ran into its limit.
        public static final StopReason LENGTH = new StopReason("length");
    }

    /// Tokens used; 0 where unknown.
    ///
    /// @param input tokens of the prompt
    /// @param output tokens of the answer
    /// @param cacheRead tokens of the prompt that came from the provider's cache
    public record Usage(long input, long output, long cacheRead) {

        /// Nothing is known.
        public static final Usage NONE = new Usage(0, 0, 0);
    }
}
