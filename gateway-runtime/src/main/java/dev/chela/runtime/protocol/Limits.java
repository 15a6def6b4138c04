package dev.chela.runtime.protocol;

import java.time.Duration;

/// What one client may cost; hello tells clients the figures that concern them.
///
/// @param frameBeforeAuth largest message before the handshake is done, bytes
/// @param frame largest message after it, bytes
/// @param outbox what may wait for a slow client in events, bytes; also the largest response that doesn't pause reads
/// @param allOutboxes what may wait for all clients together, bytes
/// @param unfinished what all clients together may have sent that is not worked off yet, bytes
/// @param handshake how long a client may take from the upgrade to hello
/// @param tick how often every client hears that the gateway lives
/// @param ping how often the gateway pings, and how long it waits for the pong
public record Limits(int frameBeforeAuth, int frame, int outbox, long allOutboxes, long unfinished,
        Duration handshake, Duration tick, Duration ping) {

    /// Requests of one client that may wait before its reads pause.
    public static final int WAITING_REQUESTS = 512;

    /// Requests of one client that may be at work at once.
    public static final int RUNNING_REQUESTS = 256;

    /// Frames a client may send on top of `connect` before hello.
    public static final int PIPELINED_HANDSHAKE = 15;

    /// Sockets of one address that may be open without having said hello.
    public static final int STRANGERS = 32;

    /// How long somebody who is answered without being let in may take to send the rest of a request and take the answer.
    public static final Duration STRANGER_ANSWER = Duration.ofSeconds(5);

    /// How long a goodbye may take before the socket is cut.
    public static final Duration CLOSE_GRACE = Duration.ofSeconds(1);

    /// How long input is thrown away after a violation, so that the close frame arrives.
    public static final Duration DISCARD = Duration.ofSeconds(2);

    /// What may come with one message.
    public AttachmentLimits attachments() {
        return AttachmentLimits.in(frame);
    }

    /// What a released gateway uses.
    public static Limits standard() {
        return new Limits(64 << 10, 25 << 20, 2 << 20, 64L << 20, 128L << 20, Duration.ofSeconds(15),
                Duration.ofSeconds(30), Duration.ofSeconds(25));
    }
}
