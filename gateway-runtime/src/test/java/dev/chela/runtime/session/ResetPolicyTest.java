package dev.chela.runtime.session;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

import dev.chela.runtime.config.Config;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ResetPolicyTest {

    private static final ZoneId TOKYO = ZoneId.of("Asia/Tokyo");

    private static Optional<String> reason(ResetPolicy policy, String updated, String now) {
        return policy.reason(Instant.parse(updated).toEpochMilli(), Instant.parse(now).toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({"2026-03-01T18:59:00Z, 2026-03-01T19:08:59Z, ", "2026-03-01T18:59:00Z, 2026-03-01T19:09:00Z, daily",
            "2026-03-01T19:00:00Z, 2026-03-02T18:59:59Z, ", "2026-03-01T19:00:00Z, 2026-03-02T19:00:00Z, daily",
            "2026-02-01T00:00:00Z, 2026-03-02T12:00:00Z, daily"})
    void endsASessionWithTheFirstMessageAfterFourInTheMorning(String updated, String now, String expected) {
        ResetPolicy policy = ResetPolicy.of(Config.EMPTY, TOKYO);
        assertEquals(Optional.ofNullable(expected), reason(policy, updated, now));
    }

    @ParameterizedTest
    @CsvSource({"2026-03-01T10:00:00Z, 2026-03-01T10:29:59Z, ", "2026-03-01T10:00:00Z, 2026-03-01T10:30:00Z, idle"})
    void endsASessionAfterAPause(String updated, String now, String expected) {
        var policy = new ResetPolicy(false, 4, Duration.ofMinutes(30), TOKYO);
        assertEquals(Optional.ofNullable(expected), reason(policy, updated, now));
    }

    @ParameterizedTest
    @CsvSource({"2026-03-28T02:00:00Z, 2026-03-29T02:30:00Z, daily", "2026-03-29T01:30:00Z, 2026-03-29T01:45:00Z, "})
    void knowsHoursThatTheClockLeavesOut(String updated, String now, String expected) {
        var policy = new ResetPolicy(true, 2, Duration.ZERO, ZoneId.of("Europe/Berlin"));
        assertEquals(Optional.ofNullable(expected), reason(policy, updated, now));
    }
}
