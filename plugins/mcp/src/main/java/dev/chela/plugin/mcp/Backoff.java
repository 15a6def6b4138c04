package dev.chela.plugin.mcp;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next try: 1 s, doubled up to 60 s for as long as nothing lasts a minute, and up to a fifth
/// more or less, so that many gateways do not come back at the same moment.
final class Backoff {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Duration next = FIRST;

    /// Waits.
    ///
    /// @param lasted how long the last try went well
    /// @return false if interrupted
    boolean await(Duration lasted) {
        try {
            Thread.sleep(next(lasted));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// How long to wait this time.
    Duration next(Duration lasted) {
        Duration wait = lasted.compareTo(LONGEST) >= 0 ? FIRST : next;
        Duration doubled = wait.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return wait.multipliedBy(ThreadLocalRandom.current().nextInt(80, 121)).dividedBy(100);
    }
}
