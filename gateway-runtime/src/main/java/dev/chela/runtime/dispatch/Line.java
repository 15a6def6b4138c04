package dev.chela.runtime.dispatch;

import java.util.Set;

import dev.chela.api.rpc.Caller;
import dev.chela.runtime.event.Subscriber;
import dev.chela.runtime.protocol.Dialect;

/// The connection a call came in on, as far as calls need it. Safe for all threads.
public interface Line {

    /// The connection's id.
    String id();

    /// Who is at its other end.
    Caller caller();

    /// Which protocol is spoken.
    Dialect dialect();

    /// The capabilities the client claimed.
    Set<String> caps();

    /// Where the connection's subscriptions are.
    Subscriber subscriber();

    /// Runs something once the connection is gone, at once if it is already; it must not block. Whoever keeps something for
    /// a client lets go of it then.
    ///
    /// @return takes it back
    Runnable whenGone(Runnable action);

    /// Sends a response frame.
    void respond(byte[] frame);

    /// Sends the refusal of a call that this kind of client can never make; too many in a row end the connection.
    void refuse(byte[] frame);

    /// Notes that a call which was handed to another thread began.
    ///
    /// @param bytes the size of the request, which is kept meanwhile
    void began(int bytes);

    /// Notes that it ended.
    ///
    /// @param bytes the same as at its beginning
    void ended(int bytes);
}
