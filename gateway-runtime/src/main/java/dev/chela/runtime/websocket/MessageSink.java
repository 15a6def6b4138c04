package dev.chela.runtime.websocket;

/// Takes what a [MessageReader] has read; all methods are called on the reading thread.
public interface MessageSink {

    /// A whole message; the array now belongs to the sink.
    void message(byte[] payload);

    /// A ping, to be answered with its payload.
    ///
    /// @throws Violation if there were too many
    void ping(byte[] payload) throws Violation;

    /// A pong.
    void pong();

    /// The peer says goodbye; nothing it sends later is read.
    void close(int code, String reason);

    /// Asks for room to assemble a message.
    ///
    /// @param bytes how much more is held now; negative when given back
    /// @return whether there is room; if not, the connection is closed with 1009
    boolean reserve(long bytes);
}
