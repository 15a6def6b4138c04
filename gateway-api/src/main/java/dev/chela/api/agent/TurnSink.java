package dev.chela.api.agent;

/// Takes an answer as it grows. Used by the thread that runs the turn only.
public interface TurnSink {

    /// Adds text to the answer. Once this returns, the run counts as having shown something: after a crash it is
    /// marked as interrupted instead of being run again.
    ///
    /// May block while the text is noted on disk.
    void text(String delta);
}
