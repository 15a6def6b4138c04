package dev.chela.api.channel;

/// Takes what people write to an account. Valid until [Channel#run] returns; safe for all threads of the plugin.
public interface Inbox {

    /// Takes a message. Once this returns, it is on the disk and will be answered whatever happens, or it is none of the
    /// gateway's business: acknowledge it to the service then. Waits for the disk.
    ///
    /// A message with an id that was taken in the same chat within the last seven days is dropped, whatever it says now.
    ///
    /// @throws ChannelException if it cannot be taken now, such as when too much waits already; it was not taken then
    /// @throws IllegalArgumentException naming what is too long or missing
    Outcome accept(Inbound message) throws ChannelException;

    /// Tells how the account is; shown to operators.
    void status(ChannelStatus status);

    /// What became of a message.
    enum Outcome {
        /// It is on the disk.
        ACCEPTED,
        /// It was taken before.
        REPEATED,
        /// The account's rules say that it is not for the agent.
        IGNORED
    }
}
