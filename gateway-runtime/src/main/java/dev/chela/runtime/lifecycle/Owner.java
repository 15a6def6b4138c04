package dev.chela.runtime.lifecycle;

/// Whose code it is: where it runs, and until when it may. Safe for all threads.
///
/// Work must enter before it runs and leave when it has ended, also if it failed; the code is unloaded only when
/// everybody has left.
public interface Owner {

    /// The plugin's id, or `core`.
    String id();

    /// Comes in, unless the code is on its way out.
    ///
    /// @return false if it has been retired: look up its successor and enter that
    boolean enter();

    /// Goes out after having come in.
    void leave();

    /// Runs something short on a thread of the owner.
    ///
    /// @return false if too much waits already; nothing was run
    boolean runShort(Runnable work);

    /// Runs something that mostly waits on a thread of the owner.
    ///
    /// @return false if too much waits already; nothing was run
    boolean runWaiting(Runnable work);

    /// Called by waiting work right before the owner's code: waits while other work of it keeps a thread busy without end.
    void awaitQuiet() throws InterruptedException;

    /// Called inside short work that is about to wait for somebody outside: others may run meanwhile.
    ///
    /// @return false if too much waits already; then give up instead of waiting
    boolean pause();

    /// Called by the same work once it goes on.
    void resume();
}
