package dev.chela.runtime.method;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.runtime.method.UsageMethods.Origin;
import dev.chela.runtime.method.UsageMethods.Sum;
import dev.chela.runtime.store.EntryTable.Usage;

import org.jspecify.annotations.Nullable;

/// What many sessions took, by model, provider and agent, as the usage pages of clients draw it.
///
/// These pages read every list without asking whether it is there: what is not known is an empty list, never left out.
final class UsageAggregates {

    private record Model(@Nullable String provider, @Nullable String name) {}

    /// How many sessions, and what they took.
    private record Share(int sessions, Sum sum) {

        Share plus(Share other) {
            return new Share(sessions + other.sessions, sum.plus(other.sum));
        }
    }

    private final Map<Model, Share> models = new LinkedHashMap<>();
    private final Map<String, Share> providers = new LinkedHashMap<>();
    private final Map<String, Share> agents = new LinkedHashMap<>();
    private long users;
    private long answers;
    private long toolResults;
    private long errors;
    private int sessions;

    /// Adds what one session took.
    void add(Usage usage, Origin origin) {
        users += usage.users();
        answers += usage.answers();
        toolResults += usage.toolResults();
        errors += usage.errors();
        sessions++;
        var share = new Share(1, new Sum(usage.input(), usage.output(), usage.cache(), usage.answers()));
        if (origin.agent() != null) {
            agents.merge(origin.agent(), share, Share::plus);
        }
        if (origin.provider() != null) {
            providers.merge(origin.provider(), share, Share::plus);
        }
        if (origin.model() != null) {
            models.merge(new Model(origin.provider(), origin.model()), share, Share::plus);
        }
    }

    /// All of it, with the days beside.
    Map<String, Object> shown(Map<LocalDate, Sum> days) {
        List<Map<String, Object>> daily = days.entrySet().stream().map(day -> day.getValue().shown(day.getKey()))
                .toList();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("sessionCount", sessions);
        shown.put("messages", messages(users, answers, toolResults, errors));
        shown.put("tools", Map.of("totalCalls", toolResults, "uniqueTools", 0, "tools", List.of()));
        shown.put("byModel", byModel());
        shown.put("byProvider", named("provider", providers));
        shown.put("byAgent", named("agentId", agents));
        for (String unknown : List.of("byChannel", "byCreator", "dailyLatency", "modelDaily")) {
            shown.put(unknown, List.of());
        }
        shown.put("costDaily", daily);
        shown.put("daily", daily);
        return shown;
    }

    /// Counts of messages as they are shown of one session or of many.
    static Map<String, Object> messages(long users, long answers, long toolResults, long errors) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("total", users + answers + toolResults);
        counts.put("user", users);
        counts.put("assistant", answers);
        counts.put("toolCalls", toolResults);
        counts.put("toolResults", toolResults);
        counts.put("errors", errors);
        return counts;
    }

    private List<Map<String, Object>> byModel() {
        List<Map<String, Object>> rows = new ArrayList<>();
        models.forEach((model, share) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            if (model.provider() != null) {
                row.put("provider", model.provider());
            }
            row.put("model", model.name());
            rows.add(with(row, share));
        });
        return rows;
    }

    private static List<Map<String, Object>> named(String name, Map<String, Share> shares) {
        List<Map<String, Object>> rows = new ArrayList<>();
        shares.forEach((value, share) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put(name, value);
            rows.add(with(row, share));
        });
        return rows;
    }

    private static Map<String, Object> with(Map<String, Object> row, Share share) {
        row.put("count", share.sessions());
        row.put("totals", share.sum().shown(null));
        return row;
    }
}
