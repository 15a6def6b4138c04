package dev.chela.runtime.connection;

import java.util.function.BooleanSupplier;

/// The socket under a connection. Safe for all threads; nothing here waits for the peer.
public interface Wire {

    /// Writes what the outbox holds, on this thread, as far as the socket takes it; the rest follows by itself.
    void flush();

    /// Lets the socket's own thread write what the outbox holds.
    void flushSoon();

    /// Reads on or not, by the answer at the moment when the socket's own thread asks: whoever changes the answer calls this
    /// afterwards, and the last call counts whatever the order. A peer that is not read is slowed down by TCP.
    void readIf(BooleanSupplier wanted);

    /// Notes that so many bytes of messages are kept until they are worked off; negative when they are not any more. All
    /// clients together may have only so much kept: whoever has most is cut off.
    void keep(long bytes);

    /// Sets the largest message in bytes.
    void limit(long bytes);

    /// Writes what the outbox still holds, the close frame last, and cuts the socket when the peer has answered or
    /// after the grace time.
    void finish();
}
