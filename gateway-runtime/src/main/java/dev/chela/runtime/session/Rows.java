package dev.chela.runtime.session;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.chela.runtime.store.EntryTable.Cost;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.SessionTable.SessionRow;

import org.jspecify.annotations.Nullable;

/// Sessions and messages in the form clients know.
public final class Rows {

    private Rows() {}

    /// What is going on in a session right now.
    ///
    /// @param runIds of the runs at work or waiting
    /// @param provider who would answer next
    /// @param model which model would
    /// @param contextTokens how much fits into its context; 0 if unknown
    public record Now(List<String> runIds, @Nullable String provider, @Nullable String model, int contextTokens) {}

    /// A session as lists and events show it.
    public static Map<String, Object> session(SessionRow row, Now now) {
        Map<String, Object> shown = new LinkedHashMap<>();
        boolean main = row.key().equals("agent:" + row.agent() + ":" + SessionKeys.MAIN);
        shown.put("key", row.key());
        shown.put("kind", "direct");
        shown.put("classification", main ? "main" : "custom");
        shown.put("agentId", row.agent());
        shown.put("isMain", main);
        shown.put("isBackground", false);
        put(shown, "label", row.label());
        put(shown, "displayName", row.label());
        put(shown, "derivedTitle", row.title());
        put(shown, "lastMessagePreview", row.preview());
        shown.put("sessionId", row.sessionId());
        shown.put("createdAt", row.createdAt());
        shown.put("updatedAt", row.updatedAt());
        put(shown, "parentSessionKey", row.parent());
        put(shown, "spawnedBy", row.parent());
        shown.put("archived", row.marks().archived());
        shown.put("pinned", row.marks().pinned());
        shown.put("unread", row.marks().unread());
        shown.put("abortedLastRun", row.aborted());
        shown.put("inputTokens", row.inputTokens());
        shown.put("outputTokens", row.outputTokens());
        shown.put("totalTokens", row.inputTokens() + row.outputTokens());
        SessionSettings.of(row.settings()).show(shown);
        Route.of(row.route()).ifPresent(route -> route.show(shown));
        model(shown, row, now);
        shown.put("hasActiveRun", !now.runIds().isEmpty());
        shown.put("activeRunIds", now.runIds());
        shown.put("status", now.runIds().isEmpty() ? "done" : "running");
        return shown;
    }

    private static void model(Map<String, Object> shown, SessionRow row, Now now) {
        put(shown, "modelProvider", now.provider() == null ? row.provider() : now.provider());
        put(shown, "model", now.model() == null ? row.model() : now.model());
        if (now.contextTokens() > 0) {
            shown.put("contextTokens", now.contextTokens());
        }
    }

    private static void put(Map<String, Object> shown, String name, @Nullable Object value) {
        if (value != null) {
            shown.put(name, value);
        }
    }

    /// A message as events show it: of pictures only what they are.
    public static Map<String, Object> message(Entry entry) {
        return message(entry, Pictures.NONE);
    }

    /// A message as histories show it.
    public static Map<String, Object> message(Entry entry, Pictures pictures) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("role", entry.role());
        ToolEntries.show(shown, entry, pictures);
        if (entry.role().equals("assistant")) {
            answer(shown, entry);
        }
        shown.put("timestamp", entry.at());
        Map<String, Object> own = new LinkedHashMap<>();
        own.put("id", entry.id());
        own.put("seq", entry.seq());
        put(own, "runId", entry.runId());
        own.put("recordTimestampMs", entry.at());
        shown.put("__openclaw", own);
        return shown;
    }

    /// What stands for a message where only a text can: its own, or the names of what came without one.
    public static String summary(Entry entry) {
        return summary(entry.text(), ToolEntries.attached(entry));
    }

    /// What stands for a message where only a text can.
    public static String summary(String text, List<Attached> attached) {
        return text.isBlank() && !attached.isEmpty()
                ? attached.stream().map(Attached::name).collect(Collectors.joining(", ", "[", "]"))
                : text;
    }

    private static void answer(Map<String, Object> shown, Entry entry) {
        Cost cost = entry.cost();
        put(shown, "provider", cost.provider());
        put(shown, "model", cost.model());
        shown.put("usage", usage(cost.input(), cost.output(), cost.cache()));
        put(shown, "stopReason", entry.stopReason());
        put(shown, "errorMessage", entry.error());
    }

    /// What an answer cost, as messages and results show it.
    public static Map<String, Object> usage(long input, long output, long cache) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("input", input);
        usage.put("output", output);
        usage.put("cacheRead", cache);
        usage.put("cacheWrite", 0);
        usage.put("total", input + output);
        usage.put("totalTokens", input + output);
        return usage;
    }
}
