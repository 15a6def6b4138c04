package dev.chela.api.session;

/// The gateway's chat sessions. Safe for all threads.
public interface Sessions {

    /// The main session of the default agent.
    SessionKey main();

    /// Makes a canonical key of what a client sent: `main`, a short key or a full one.
    ///
    /// @throws IllegalArgumentException if it is no key, or its agent does not exist
    SessionKey canonical(String key);

    /// Leaves a note that the session's next turn will see before its message.
    ///
    /// Kept in memory, at most 20 per session, the oldest dropped; a repetition of the newest is ignored.
    void note(SessionKey session, String text);

    /// How many runs of the session are waiting or at work.
    int active(SessionKey session);

    /// Runs one turn in the session, after those already accepted, and waits for its end.
    ///
    /// @param source what the turn was started by, such as `heartbeat`; shown with the message
    /// @throws InterruptedException if the calling thread is interrupted; the turn is then aborted
    Outcome ask(SessionKey session, String message, String source) throws InterruptedException;

    /// How a turn ended.
    sealed interface Outcome {

        /// The engine answered.
        record Answered(String text) implements Outcome {}

        /// It was aborted, by a person or a deadline.
        record Aborted(String reason) implements Outcome {}

        /// It failed.
        record Failed(String message) implements Outcome {}
    }
}
