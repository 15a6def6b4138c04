package dev.chela.runtime.method;

import java.text.BreakIterator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Bounds;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.rpc.Scope;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.dispatch.CoreMethod;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.EntryTable.Found;
import dev.chela.runtime.store.SessionTable.Filter;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// `sessions.*` and `chat.message.get`: finding sessions and what was said in them.
public final class SessionFindMethods {

    static final int MAX_KEY = SessionKey.MAX_LENGTH;
    static final int MAX_PREVIEWS = 64;
    private static final int PREVIEWED = 12;
    private static final int PREVIEW_CHARS = 240;
    static final int MAX_MESSAGES = 1000;
    private static final int FOUND = 10;
    static final int MAX_FOUND = 25;
    private static final int MAX_WORDS = 16;
    private static final int SNIPPET = 200;
    private static final int MAX_CANDIDATES = 10;

    private final SessionViews sessions;
    private final InstantSource clock;

    /// Methods that look into these sessions.
    public SessionFindMethods(SessionViews sessions, InstantSource clock) {
        this.sessions = sessions;
        this.clock = clock;
    }

    /// The methods.
    public List<CoreMethod> methods() {
        return List.of(
                CoreMethod.worker("sessions.resolve", Scope.SESSIONS_READ, ResolveParams.class,
                        (params, _) -> resolve(params)),
                CoreMethod.worker("sessions.preview", Scope.SESSIONS_READ, PreviewParams.class,
                        (params, _) -> preview(params)),
                CoreMethod.worker("sessions.get", Scope.SESSIONS_READ, GetParams.class, (params, _) -> get(params)),
                CoreMethod.worker("sessions.search", Scope.SESSIONS_READ, SearchParams.class,
                        (params, _) -> search(params)),
                CoreMethod.worker("chat.message.get", Scope.READ, MessageParams.class, (params, _) -> message(params)));
    }

    record ResolveParams(@Bounds(max = MAX_KEY) @Nullable String key, @Nullable String sessionId,
            @Bounds(max = 512) @Nullable String label, @Nullable String shortId, @Nullable String slugHint,
            @Nullable String agentId, @Nullable String spawnedBy, @Nullable Boolean includeGlobal,
            @Nullable Boolean includeUnknown, @Nullable Boolean allowMissing) {}

    private Object resolve(ResolveParams params) {
        List<SessionRow> found = candidates(params);
        if (found.size() == 1) {
            SessionRow row = found.getFirst();
            Map<String, Object> answer = new LinkedHashMap<>(candidate(row));
            answer.put("ok", true);
            return answer;
        } else if (Boolean.TRUE.equals(params.allowMissing())) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("ok", false);
            if (!found.isEmpty()) {
                answer.put("candidates",
                        found.stream().limit(MAX_CANDIDATES).map(SessionFindMethods::candidate).toList());
            }
            return answer;
        }
        String wanted = firstOf(params.key(), params.sessionId(), params.label(), params.shortId());
        throw RpcException.invalid(found.isEmpty()
                ? "No session found: " + wanted
                : "Multiple sessions found: " + wanted);
    }

    private static String firstOf(@Nullable String... values) {
        for (String value : values) {
            if (value != null) {
                return value;
            }
        }
        throw RpcException.invalid("Either key, sessionId, label or shortId is required");
    }

    private static Map<String, Object> candidate(SessionRow row) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("key", row.key());
        shown.put("agentId", row.agent());
        if (row.label() != null) {
            shown.put("displayName", row.label());
        }
        return shown;
    }

    private List<SessionRow> candidates(ResolveParams params) {
        firstOf(params.key(), params.sessionId(), params.label(), params.shortId());
        String agent = params.agentId() == null ? null : sessions.key(null, params.agentId()).agent();
        return sessions.store().read(tx -> {
            if (params.key() != null) {
                return tx.sessions().find(sessions.key(params.key(), params.agentId()).toString()).stream().toList();
            } else if (params.sessionId() != null) {
                return tx.sessions().findById(params.sessionId()).stream().toList();
            } else if (params.label() != null) {
                return tx.sessions().findByLabel(params.label()).stream().toList();
            }
            String part = String.valueOf(params.shortId());
            return tx.sessions().list(new Filter(agent, 0, part, null, null, null), 0, MAX_CANDIDATES).stream()
                    .filter(row -> row.sessionId().startsWith(part)).toList();
        }).stream().filter(row -> agent == null || row.agent().equals(agent))
                .filter(row -> params.spawnedBy() == null || params.spawnedBy().equals(row.parent())).toList();
    }

    record PreviewParams(@Bounds(min = 1, max = MAX_PREVIEWS) List<String> keys,
            @Bounds(min = 1, max = 50) @Nullable Integer limit,
            @Bounds(min = 20, max = 2000) @Nullable Integer maxChars) {}

    private Object preview(PreviewParams params) {
        int limit = params.limit() == null ? PREVIEWED : params.limit();
        int chars = params.maxChars() == null ? PREVIEW_CHARS : params.maxChars();
        List<Map<String, Object>> previews = new ArrayList<>();
        for (String key : params.keys()) {
            Map<String, Object> preview = new LinkedHashMap<>();
            preview.put("key", key);
            Optional<List<Entry>> said = Optional.empty();
            try {
                said = said(key, limit);
                preview.put("status", said.isEmpty() ? "missing" : said.get().isEmpty() ? "empty" : "ok");
            } catch (RpcException e) {
                preview.put("status", "error");
            }
            preview.put("items", said.orElse(List.of()).stream()
                    .map(entry -> Map.of("role", entry.role(), "text", shortened(Rows.summary(entry), chars)))
                    .toList());
            previews.add(preview);
        }
        return Map.of("ts", clock.millis(), "previews", previews);
    }

    private Optional<List<Entry>> said(String sent, int limit) {
        String key = sessions.key(sent, null).toString();
        return sessions.store().read(tx -> tx.sessions().find(key).map(row -> newest(tx, row.sessionId(), limit)));
    }

    private static List<Entry> newest(Tx tx, String sessionId, int limit) {
        return tx.entries().before(sessionId, Long.MAX_VALUE, limit);
    }

    private static String shortened(String text, int chars) {
        return text.length() <= chars ? text : JsonText.cut(text, chars - 1) + "…";
    }

    record GetParams(@Bounds(max = MAX_KEY) String key, @Nullable String agentId,
            @Bounds(min = 1, max = MAX_MESSAGES) @Nullable Integer limit) {}

    private Object get(GetParams params) {
        String key = sessions.key(params.key(), params.agentId()).toString();
        int limit = params.limit() == null ? MAX_MESSAGES : params.limit();
        return Map.of("messages", sessions.store().read(tx -> tx.sessions().find(key)
                .map(row -> Histories.newest(tx, newest(tx, row.sessionId(), limit), Histories.MAX_BYTES, null))
                .orElse(List.of())));
    }

    record SearchParams(@Nullable String agentId, @Bounds(min = 1, max = 200) @Nullable List<String> sessionKeys,
            @Bounds(max = 4096) String query, @Bounds(min = 1, max = MAX_FOUND) @Nullable Integer limit) {}

    private Object search(SearchParams params) {
        List<String> words = words(params.query());
        if (words.isEmpty()) {
            throw RpcException.invalid("the query has no word to look for");
        }
        int limit = params.limit() == null ? FOUND : params.limit();
        String agent = params.agentId() == null ? null : sessions.key(null, params.agentId()).agent();
        List<String> keys = params.sessionKeys() == null
                ? List.of()
                : params.sessionKeys().stream().map(key -> sessions.key(key, null).toString()).toList();
        List<Found> found = sessions.store().read(tx -> tx.entries().search(agent, keys, words, limit + 1));
        List<Map<String, Object>> results = found.stream().limit(limit).map(one -> {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("sessionKey", one.key());
            result.put("sessionId", one.entry().sessionId());
            result.put("messageId", one.entry().id());
            result.put("role", one.entry().role());
            result.put("timestamp", one.entry().at());
            result.put("snippet", snippet(one.entry().text(), words));
            result.put("score", one.score());
            return result;
        }).toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("results", results);
        answer.put("truncated", found.size() > limit);
        return answer;
    }

    /// The words of a query, as the index splits texts.
    private static List<String> words(String query) {
        List<String> words = new ArrayList<>();
        BreakIterator breaks = BreakIterator.getWordInstance(Locale.ROOT);
        breaks.setText(query);
        int start = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; start = end, end = breaks.next()) {
            String word = query.substring(start, end);
            if (word.codePoints().anyMatch(Character::isLetterOrDigit) && words.size() < MAX_WORDS) {
                words.add(word);
            }
        }
        return words;
    }

    /// The part of a text around the first word that can be seen in it.
    private static String snippet(String text, List<String> words) {
        String lower = text.toLowerCase(Locale.ROOT);
        int at = words.stream().mapToInt(word -> lower.indexOf(word.toLowerCase(Locale.ROOT)))
                .filter(place -> place >= 0)
                .min().orElse(0);
        int from = Math.min(Math.max(0, at - SNIPPET / 4), text.length());
        if (from > 0 && Character.isLowSurrogate(text.charAt(from))) {
            from--;
        }
        String part = JsonText.cut(text.substring(from), SNIPPET);
        return (from > 0 ? "…" : "") + part + (from + part.length() < text.length() ? "…" : "");
    }

    record MessageParams(@Bounds(max = MAX_KEY) String sessionKey, @Nullable String agentId,
            String messageId, @Bounds(min = 1, max = 2_000_000) @Nullable Integer maxChars) {}

    private Object message(MessageParams params) {
        String key = sessions.key(params.sessionKey(), params.agentId()).toString();
        Entry entry = sessions.store().read(tx -> tx.entries().find(params.messageId())
                .filter(one -> belongs(tx, one, key)))
                .orElseThrow(() -> RpcException.invalid("no message '" + params.messageId() + "' in session " + key));
        int longest = params.maxChars() == null ? Integer.MAX_VALUE : params.maxChars();
        Entry shown = entry.saying(JsonText.cut(entry.text(), longest));
        JsonText message = sessions.store().read(tx -> Histories.alone(tx, shown));
        return Map.of("message", message, "truncated", entry.text().length() > longest);
    }

    private static boolean belongs(Tx tx, Entry entry, String key) {
        return tx.sessions().findById(entry.sessionId()).filter(row -> row.key().equals(key)).isPresent()
                || tx.sessions().pastById(entry.sessionId()).filter(row -> row.key().equals(key)).isPresent();
    }
}
