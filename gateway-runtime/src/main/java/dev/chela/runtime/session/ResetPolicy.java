package dev.chela.runtime.session;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

import dev.chela.runtime.config.Config;

/// When a session begins anew by itself: with the first message after a certain hour of the day, or after a pause.
///
/// @param daily whether a day ends it
/// @param atHour the hour at which a day ends
/// @param idle the pause that ends it; zero if none does
/// @param zone whose hours are meant
public record ResetPolicy(boolean daily, int atHour, Duration idle, ZoneId zone) {

    private static final int AT_HOUR = 4;
    private static final int IDLE_MINUTES = 60;
    /// A conversation that is going on when the day ends goes on until it pauses for so long.
    static final Duration PAUSE = Duration.ofMinutes(10);

    /// What the configuration says; without a word, a day ends at four.
    public static ResetPolicy of(Config config, ZoneId zone) {
        Config.Reset reset = config.sessionOrEmpty().reset();
        String mode = reset == null || reset.mode() == null ? "daily" : reset.mode();
        int hour = reset == null || reset.atHour() == null ? AT_HOUR : reset.atHour();
        Integer given = reset == null ? null : reset.idleMinutes();
        int minutes = given != null ? given : mode.equals("idle") ? IDLE_MINUTES : 0;
        return new ResetPolicy(mode.equals("daily"), hour, Duration.ofMinutes(mode.equals("off") ? 0 : minutes), zone);
    }

    /// Why a session begins anew with a message that comes now: `daily` or `idle`; empty if it goes on.
    ///
    /// @param updatedAt when something was last added to it, ms
    public Optional<String> reason(long updatedAt, long now) {
        Duration pause = Duration.ofMillis(now - updatedAt);
        if (daily && pause.compareTo(PAUSE) >= 0 && updatedAt < lastEnd(now)) {
            return Optional.of("daily");
        }
        return idle.isPositive() && pause.compareTo(idle) >= 0 ? Optional.of("idle") : Optional.empty();
    }

    private long lastEnd(long now) {
        ZonedDateTime here = Instant.ofEpochMilli(now).atZone(zone);
        ZonedDateTime today = here.toLocalDate().atTime(atHour, 0).atZone(zone);
        return (today.isAfter(here) ? here.toLocalDate().minusDays(1).atTime(atHour, 0).atZone(zone) : today)
                .toInstant().toEpochMilli();
    }
}
