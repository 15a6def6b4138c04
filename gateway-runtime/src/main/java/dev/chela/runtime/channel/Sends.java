package dev.chela.runtime.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What is being sent through one account, by its lives: what one life does not get back leaves the next its whole room.
/// Guarded by the lock of its [AccountRun].
final class Sends {

    /// How much may be sent at once in one life of an account.
    static final int MAX = 16;
    /// When something counts as lost: channels are told to stop sending after a minute.
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private final List<Sending> open = new ArrayList<>();

    /// Something that is being sent.
    static final class Sending {

        private final Object life;
        private final long since;

        private Sending(Object life, long since) {
            this.life = life;
            this.since = since;
        }
    }

    /// Whether a life has no room for more.
    @SuppressWarnings("ReferenceEquality") // a life is nothing but itself
    boolean isFull(Object life) {
        return open.stream().filter(one -> one.life == life).count() >= MAX;
    }

    Sending begin(Object life, long now) {
        var sending = new Sending(life, now);
        open.add(sending);
        return sending;
    }

    void end(Sending sending) {
        open.remove(sending);
    }

    /// How much has not come back though it was told to.
    int lost(long now) {
        return (int) open.stream().filter(one -> now - one.since > PATIENCE.toMillis()).count();
    }
}
