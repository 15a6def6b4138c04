package dev.chela.runtime.lifecycle;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before something that failed is tried again: twice as long every time, up to a limit, and never quite
/// the same, so that those who failed together do not come back together.
///
/// @param first before the second attempt
/// @param longest before any
public record Backoff(Duration first, Duration longest) {

    private static final double JITTER = 0.1;

    /// How long to wait after so many failures in a row, from 1.
    public Duration after(int failures) {
        double wait = (double) first.toMillis() * Math.pow(2, Math.clamp(failures - 1L, 0, 40));
        double jitter = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return Duration.ofMillis(Math.round(Math.min(wait, (double) longest.toMillis()) * jitter));
    }
}
