package dev.chela.runtime.wire;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.testing.SettableClock;
import dev.chela.runtime.testing.TestGateway;
import dev.chela.runtime.testing.TestGateway.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// What answers took. The scripted engine takes 3 tokens in and 5 out for each.
class UsageWireTest {

    @TempDir
    Path folder;
    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-10T12:00:00Z"));
    private TestGateway gateway;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        gateway = TestGateway.start(folder, options -> options.withClock(clock));
        client = gateway.admin();
        say("a", "1");
        clock.pass(Duration.ofDays(2));
        say("a", "2");
        say("b", "3");
        say("b", "4");
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
    }

    private void say(String session, String id) throws Exception {
        client.call("chat.send", Map.of("sessionKey", session, "message", "word " + id, "idempotencyKey", id));
        client.await("chat", event -> event.text("runId").equals(id) && event.text("state").equals("final"));
    }

    private String today() {
        return LocalDate.ofInstant(clock.instant(), ZoneId.systemDefault()).toString();
    }

    @Test
    void addsUpTokensByDays() throws Exception {
        Json cost = client.call("usage.cost", Map.of("days", 3));
        List<Json> daily = cost.items("daily");
        assertEquals(3, daily.size());
        assertEquals(List.of(8L, 0L, 24L),
                daily.stream().map(day -> day.whole("totalTokens").orElse(-1L)).toList());
        assertEquals(today(), daily.getLast().text("date").orElse(""));
        Json totals = cost.at("totals").orElseThrow();
        assertEquals("12 20 4", totals.whole("input").orElse(0L) + " " + totals.whole("output").orElse(0L) + " "
                + totals.whole("missingCostEntries").orElse(0L));
        assertEquals(24L, client.call("usage.cost", Map.of("startDate", today())).at("totals").orElseThrow()
                .whole("totalTokens").orElse(0L));
    }

    @Test
    void addsUpTokensBySessionsTheDearestFirst() throws Exception {
        List<Json> rows = client.call("sessions.usage").items("sessions");
        assertEquals("agent:main:b", rows.getFirst().text("key").orElse(""));
        Json first = rows.getFirst().at("usage").orElseThrow();
        assertEquals(16L, first.whole("totalTokens").orElse(0L));
        assertEquals(4L, first.at("messageCounts").orElseThrow().whole("total").orElse(0L));
        assertEquals(3, rows.size(), "the session that began anew is counted as two");
        List<Json> one = client.call("sessions.usage", Map.of("key", "a")).items("sessions");
        assertEquals(List.of(8L), one.stream().map(row -> row.at("usage").orElseThrow().whole("totalTokens").orElse(0L))
                .toList());
        Json series = client.call("sessions.usage.timeseries", Map.of("key", "b"));
        assertEquals(16L, series.items("points").getLast().whole("cumulativeTokens").orElse(0L));
        assertEquals(List.of("word 3", "word 3", "word 4", "word 4"), client
                .call("sessions.usage.logs", Map.of("key", "b")).items("logs").stream()
                .map(log -> log.text("content").orElse("")).toList());
    }

    @Test
    void namesWhatItCannotCount() throws Exception {
        assertEquals("startDate must be a date such as 2026-01-31, not 'soon'",
                client.refused("usage.cost", Map.of("startDate", "soon")).getMessage());
        assertEquals("startDate 2026-02-01 is after endDate 2026-01-01", client
                .refused("usage.cost", Map.of("startDate", "2026-02-01", "endDate", "2026-01-01")).getMessage());
        assertTrue(String.valueOf(client.refused("usage.cost", Map.of("startDate", "1000-01-01")).getMessage())
                .contains("are more than 3660 days"));
        assertEquals("no transcript found for session agent:main:none",
                client.refused("sessions.usage.timeseries", Map.of("key", "none")).getMessage());
        assertEquals(List.of(), client.call("usage.status").items("providers"));
    }

    @Test
    void addsUpForChartsWhatEverySessionTook() throws Exception {
        Json usage = client.call("sessions.usage", Map.of("limit", 1));
        assertEquals(1, usage.items("sessions").size());
        Json all = usage.at("aggregates").orElseThrow();
        assertEquals(3L, all.whole("sessionCount").orElse(0L), "the limit is for the rows, not for the sums");
        assertEquals(8L, all.at("messages").orElseThrow().whole("total").orElse(0L));
        Json agent = all.items("byAgent").getFirst();
        assertEquals("main", agent.text("agentId").orElse(""));
        assertEquals(32L, agent.at("totals").orElseThrow().whole("totalTokens").orElse(0L));
        assertTrue(all.at("tools").orElseThrow().items("tools").isEmpty());
        for (String list : List.of("byModel", "byProvider", "byChannel", "byCreator", "costDaily", "dailyLatency",
                "modelDaily")) {
            assertTrue(all.at(list).filter(Json.Arr.class::isInstance).isPresent(), list + " is left out");
        }
        Json today = all.items("daily").getLast();
        assertEquals(24L, today.whole("tokens").orElse(0L));
        assertEquals(0L, today.whole("cost").orElse(-1L));
    }
}
