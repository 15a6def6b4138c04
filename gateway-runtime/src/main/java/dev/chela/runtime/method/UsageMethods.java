package dev.chela.runtime.method;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.chela.api.json.Bounds;
import dev.chela.api.json.Open;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.EntryTable.Spent;
import dev.chela.runtime.store.EntryTable.Usage;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// `usage.*` and `sessions.usage*`: what answers took in tokens, by days and by sessions.
///
/// Providers tell tokens, not money, and this gateway has no list of prices: costs are 0, and how many answers have no
/// known cost is said beside them.
public final class UsageMethods {

    private static final int DAYS = 30;
    static final int MAX_DAYS = 3660;
    private static final int SESSIONS = 50;
    static final int MAX_SESSIONS = 1000;
    private static final int LOGS = 200;
    static final int MAX_LOGS = 1000;
    private static final int MAX_POINTS = 200;
    /// Every offset of a time zone is a multiple of it.
    private static final long QUARTER_HOUR = Duration.ofMinutes(15).toMillis();

    private final SessionViews sessions;
    private final InstantSource clock;
    private final ZoneId zone;

    /// Usage of these sessions, in days of that zone.
    public UsageMethods(SessionViews sessions, InstantSource clock, ZoneId zone) {
        this.sessions = sessions;
        this.clock = clock;
        this.zone = zone;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.quick("usage.status", Scope.READ, StatusParams.class,
                        (_, _) -> Map.of("updatedAt", clock.millis(), "providers", List.of())),
                CoreMethod.worker("usage.cost", Scope.READ, CostParams.class, (params, _) -> cost(params)),
                CoreMethod.worker("sessions.usage", Scope.ADMIN, UsageParams.class, (params, _) -> usage(params)),
                CoreMethod.worker("sessions.usage.timeseries", Scope.ADMIN, SeriesParams.class,
                        (params, _) -> series(params)),
                CoreMethod.worker("sessions.usage.logs", Scope.ADMIN, LogsParams.class, (params, _) -> logs(params)));
    }

    @Open
    record StatusParams() {}

    @Open
    record CostParams(@Nullable String startDate, @Nullable String endDate,
            @Bounds(min = 1, max = MAX_DAYS) @Nullable Integer days) {}

    private Object cost(CostParams params) {
        Span span = span(params.startDate(), params.endDate(), params.days());
        Map<LocalDate, Sum> byDay = sessions.store().read(tx -> days(tx, null, span));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("updatedAt", clock.millis());
        answer.put("days", byDay.size());
        answer.put("daily", byDay.entrySet().stream().map(day -> day.getValue().shown(day.getKey())).toList());
        answer.put("totals", total(byDay).shown(null));
        return answer;
    }

    /// The days from one to another, both included.
    private record Span(LocalDate first, LocalDate last, ZoneId zone) {

        long from() {
            return first.atStartOfDay(zone).toInstant().toEpochMilli();
        }

        long to() {
            return last.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
        }
    }

    private Span span(@Nullable String startDate, @Nullable String endDate, @Nullable Integer days) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), zone);
        LocalDate last = endDate == null ? today : date("endDate", endDate);
        LocalDate first = startDate == null
                ? last.minusDays((days == null ? DAYS : days) - 1L)
                : date("startDate", startDate);
        if (first.isAfter(last)) {
            throw RpcException.invalid("startDate " + first + " is after endDate " + last);
        } else if (first.isBefore(last.minusDays(MAX_DAYS))) {
            throw RpcException.invalid("from " + first + " to " + last + " are more than " + MAX_DAYS + " days");
        }
        return new Span(first, last, zone);
    }

    private static LocalDate date(String name, String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw RpcException.invalid(name + " must be a date such as 2026-01-31, not '" + text + "'");
        }
    }

    /// Tokens and answers, added up.
    record Sum(long input, long output, long cache, long answers) {

        static final Sum NONE = new Sum(0, 0, 0, 0);

        Sum plus(Sum other) {
            return new Sum(input + other.input, output + other.output, cache + other.cache, answers + other.answers);
        }

        Map<String, Object> shown(@Nullable LocalDate day) {
            Map<String, Object> shown = new LinkedHashMap<>();
            if (day != null) {
                shown.put("date", day.toString());
                // The charts of clients read a day by these names.
                shown.put("tokens", input + output);
                shown.put("cost", 0);
                shown.put("messages", answers);
                shown.put("toolCalls", 0);
                shown.put("errors", 0);
            }
            shown.put("input", input);
            shown.put("output", output);
            shown.put("cacheRead", cache);
            shown.put("cacheWrite", 0);
            shown.put("totalTokens", input + output);
            for (String cost : List.of("totalCost", "inputCost", "outputCost", "cacheReadCost", "cacheWriteCost")) {
                shown.put(cost, 0);
            }
            shown.put("missingCostEntries", answers);
            return shown;
        }
    }

    private Map<LocalDate, Sum> days(Tx tx, @Nullable String sessionId, Span span) {
        Map<LocalDate, Sum> days = new TreeMap<>();
        if (sessionId == null) {
            span.first().datesUntil(span.last().plusDays(1)).forEach(day -> days.put(day, Sum.NONE));
        }
        for (Spent spent : tx.entries().spent(sessionId, span.from(), span.to(), QUARTER_HOUR)) {
            days.merge(LocalDate.ofInstant(Instant.ofEpochMilli(spent.at()), zone),
                    new Sum(spent.input(), spent.output(), spent.cache(), spent.answers()), Sum::plus);
        }
        return days;
    }

    private static Sum total(Map<LocalDate, Sum> days) {
        return days.values().stream().reduce(Sum.NONE, Sum::plus);
    }

    @Open
    record UsageParams(@Nullable String key, @Nullable String agentId, @Nullable String startDate,
            @Nullable String endDate, @Bounds(min = 1, max = MAX_SESSIONS) @Nullable Integer limit) {}

    private Object usage(UsageParams params) {
        Span span = span(params.startDate(), params.endDate(), null);
        int limit = params.limit() == null ? SESSIONS : params.limit();
        return sessions.store().read(tx -> {
            String only = params.key() == null ? null : idOf(tx, params.key(), params.agentId());
            List<Map<String, Object>> rows = new ArrayList<>();
            var aggregates = new UsageAggregates();
            for (Usage usage : tx.entries().usage(only, span.from(), span.to(), MAX_SESSIONS)) {
                Origin origin = origin(tx, usage.sessionId());
                aggregates.add(usage, origin);
                if (rows.size() < limit) {
                    rows.add(row(tx, usage, origin, span));
                }
            }
            Map<LocalDate, Sum> all = days(tx, only, span);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("updatedAt", clock.millis());
            answer.put("startDate", span.first().toString());
            answer.put("endDate", span.last().toString());
            answer.put("sessions", rows);
            answer.put("totals", total(all).shown(null));
            answer.put("aggregates", aggregates.shown(all));
            return answer;
        });
    }

    private String idOf(Tx tx, String key, @Nullable String agent) {
        String canonical = sessions.key(key, agent).toString();
        return tx.sessions().find(canonical).map(SessionRow::sessionId)
                .orElseThrow(() -> RpcException.invalid("no transcript found for session " + canonical));
    }

    /// Whose messages they are; of a session that was put away no model is known.
    record Origin(@Nullable String key, @Nullable String label, @Nullable String agent, @Nullable String provider,
            @Nullable String model) {}

    private Origin origin(Tx tx, String sessionId) {
        return tx.sessions().findById(sessionId).map(session -> {
            Map<String, Object> model = sessions.resolved(session);
            return new Origin(session.key(), session.label(), session.agent(), text(model.get("modelProvider")),
                    text(model.get("model")));
        }).or(() -> tx.sessions().pastById(sessionId)
                .map(past -> new Origin(past.key(), null, past.agent(), null, null)))
                .orElseGet(() -> new Origin(null, null, null, null, null));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private Map<String, Object> row(Tx tx, Usage usage, Origin origin, Span span) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("key", origin.key() == null ? "unknown" : origin.key());
        put(row, "label", origin.label());
        row.put("sessionId", usage.sessionId());
        row.put("updatedAt", usage.last());
        put(row, "agentId", origin.agent());
        put(row, "modelProvider", origin.provider());
        put(row, "model", origin.model());
        Map<LocalDate, Sum> days = days(tx, usage.sessionId(), span);
        Map<String, Object> shown = total(days).shown(null);
        shown.put("firstActivity", usage.first());
        shown.put("lastActivity", usage.last());
        shown.put("durationMs", usage.last() - usage.first());
        shown.put("activityDates", days.keySet().stream().map(LocalDate::toString).toList());
        shown.put("dailyBreakdown", days.entrySet().stream().map(day -> day.getValue().shown(day.getKey())).toList());
        shown.put("messageCounts", UsageAggregates.messages(usage.users(), usage.answers(), usage.toolResults(),
                usage.errors()));
        if (origin.model() != null) {
            Map<String, Object> model = new LinkedHashMap<>();
            put(model, "provider", origin.provider());
            put(model, "model", origin.model());
            model.put("count", usage.answers());
            model.put("totals", total(days).shown(null));
            shown.put("modelUsage", List.of(model));
        }
        row.put("usage", shown);
        return row;
    }

    private static void put(Map<String, Object> row, String name, @Nullable String value) {
        if (value != null) {
            row.put(name, value);
        }
    }

    @Open
    record SeriesParams(String key, @Nullable String agentId) {}

    /// At most [#MAX_POINTS] points, each with what was used since the one before and in all.
    private Object series(SeriesParams params) {
        return sessions.store().read(tx -> {
            String id = idOf(tx, params.key(), params.agentId());
            long stretch = QUARTER_HOUR;
            List<Spent> spent = tx.entries().spent(id, 0, Long.MAX_VALUE, stretch);
            while (spent.size() > MAX_POINTS) {
                stretch *= 2;
                spent = tx.entries().spent(id, 0, Long.MAX_VALUE, stretch);
            }
            long inAll = 0;
            List<Map<String, Object>> points = new ArrayList<>();
            for (Spent one : spent) {
                inAll += one.input() + one.output();
                Map<String, Object> point = new LinkedHashMap<>();
                point.put("timestamp", one.at());
                point.put("input", one.input());
                point.put("output", one.output());
                point.put("cacheRead", one.cache());
                point.put("totalTokens", one.input() + one.output());
                point.put("cumulativeTokens", inAll);
                points.add(point);
            }
            return Map.of("sessionId", id, "points", points);
        });
    }

    @Open
    record LogsParams(String key, @Nullable String agentId,
            @Bounds(min = 1, max = MAX_LOGS) @Nullable Integer limit) {}

    private Object logs(LogsParams params) {
        int limit = params.limit() == null ? LOGS : params.limit();
        List<Entry> entries = sessions.store().read(tx -> tx.entries()
                .before(idOf(tx, params.key(), params.agentId()), Long.MAX_VALUE, limit));
        return Map.of("logs", entries.stream().map(entry -> {
            Map<String, Object> log = new LinkedHashMap<>();
            log.put("timestamp", entry.at());
            log.put("role", entry.role());
            log.put("content", Rows.summary(entry));
            log.put("tokens", entry.cost().input() + entry.cost().output());
            return log;
        }).toList());
    }
}
