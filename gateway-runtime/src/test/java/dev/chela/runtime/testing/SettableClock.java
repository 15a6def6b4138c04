package dev.chela.runtime.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that stands still until a test moves it.
public final class SettableClock implements InstantSource {

    private volatile Instant now;

    /// A clock that shows that time.
    public SettableClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /// Moves it forward.
    public void pass(Duration time) {
        now = now.plus(time);
    }
}
