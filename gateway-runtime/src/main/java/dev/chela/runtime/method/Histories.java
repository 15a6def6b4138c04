package dev.chela.runtime.method;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.json.Bounds;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.session.Pictures;
import dev.chela.runtime.session.Rows;
import dev.chela.runtime.session.ToolEntries;
import dev.chela.runtime.store.EntryTable.Entry;
import dev.chela.runtime.store.RunTable.RunRow;
import dev.chela.runtime.store.SessionTable.SessionRow;
import dev.chela.runtime.store.Tx;

import org.jspecify.annotations.Nullable;

/// What was said in a session, newest last, by count and by bytes.
final class Histories {

    private static final int MESSAGES = 200;
    static final int MAX_BYTES = 6 << 20;
    /// Little less than a frame may have, so that all that one frame brought can be had again.
    private static final int MAX_MESSAGE_BYTES = Limits.standard().frame() - (8 << 10);
    private static final int MAX_PENDING = 20;

    private final SessionViews sessions;
    private static final JsonCodec CODEC = new JsonCodec();

    Histories(SessionViews sessions) {
        this.sessions = sessions;
    }

    record Params(@Bounds(max = SessionKey.MAX_LENGTH) String sessionKey, @Nullable String agentId,
            @Nullable String cursor, @Bounds(min = 1, max = 1000) @Nullable Integer limit,
            @Bounds(min = 0) @Nullable Integer offset, @Bounds(min = 1) @Nullable Long pendingBefore,
            @Bounds(min = 1, max = 50) @Nullable List<String> inputRunIds, @Nullable String messageId,
            @Nullable String sessionId, @Bounds(min = 1, max = 500_000) @Nullable Integer maxChars,
            @Bounds(min = 1) @Nullable Integer maxBytes) {}

    Object history(Params params) {
        if (params.cursor() != null) {
            return Map.of("kind", "reset"); // no cursor is given out, so this one is from elsewhere
        }
        SessionKey key = sessions.key(params.sessionKey(), params.agentId());
        Page page = read(key, params);
        Map<String, Object> history = new LinkedHashMap<>();
        history.put("sessionKey", key.toString());
        page.session().map(SessionRow::sessionId).ifPresent(id -> history.put("sessionId", id));
        history.put("messages", page.messages());
        history.put("pendingInputs", pending(key));
        if (params.inputRunIds() != null) {
            history.put("inputReceipts", receipts(params.inputRunIds()));
        }
        history.put("hasMore", page.more());
        history.put("totalMessages", page.total());
        history.put("defaults", sessions.defaults(key.agent()));
        history.put("sessionInfo", sessions.rowOrBlank(key));
        return history;
    }

    private record Page(Optional<SessionRow> session, List<JsonText> messages, boolean more, long total) {}

    private Page read(SessionKey key, Params params) {
        int limit = params.limit() == null ? MESSAGES : params.limit();
        int offset = params.offset() == null ? 0 : params.offset();
        int bytes = Math.min(params.maxBytes() == null ? MAX_BYTES : params.maxBytes(), MAX_BYTES);
        return sessions.store().read(tx -> {
            Optional<SessionRow> session = tx.sessions().find(key.toString());
            if (session.isEmpty()) {
                return new Page(session, List.of(), false, 0);
            }
            String id = session.get().sessionId();
            long total = tx.entries().count(id);
            List<Entry> entries = tx.entries().before(id, tx.entries().last(id) - offset + 1, limit);
            List<JsonText> messages = newest(tx, entries, bytes, params.maxChars());
            return new Page(session, messages, offset + messages.size() < total, total);
        });
    }

    /// As many of the newest as fit; at least one. Their pictures are shown, the newest first, as far as there is room
    /// behind all those words.
    static List<JsonText> newest(Tx tx, List<Entry> entries, int maxBytes, @Nullable Integer maxChars) {
        Deque<JsonText> kept = new ArrayDeque<>();
        long size = 0;
        for (Entry entry : entries.reversed()) {
            JsonText text = CODEC.encode(Rows.message(cut(entry, maxChars)));
            if (size + text.length() > maxBytes && !kept.isEmpty()) {
                break;
            }
            size += text.length();
            kept.addFirst(text);
        }
        List<JsonText> page = new ArrayList<>(kept);
        var pictures = new Pictures(maxBytes - size, tx.attachments()::content);
        for (int i = 1; i <= page.size(); i++) {
            Entry entry = entries.get(entries.size() - i);
            if (!ToolEntries.attached(entry).isEmpty()) {
                page.set(page.size() - i, CODEC.encode(Rows.message(cut(entry, maxChars), pictures)));
            }
        }
        return page;
    }

    /// A message alone, with as many of its pictures as fit.
    static JsonText alone(Tx tx, Entry entry) {
        long words = CODEC.encode(Rows.message(entry)).length();
        return CODEC.encode(Rows.message(entry, new Pictures(MAX_MESSAGE_BYTES - words, tx.attachments()::content)));
    }

    private static Entry cut(Entry entry, @Nullable Integer maxChars) {
        if (maxChars == null || entry.text().length() <= maxChars) {
            return entry;
        }
        return entry.saying(JsonText.cut(entry.text(), maxChars) + "…");
    }

    /// Messages that were accepted and wait for their turn.
    private Map<String, Object> pending(SessionKey key) {
        List<Entry> waiting = sessions.runs().waiting(key);
        List<Map<String, Object>> items = waiting.stream().limit(MAX_PENDING).map(said -> {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("id", said.runId());
            item.put("runId", said.runId());
            Map<String, Object> message = Rows.message(said);
            message.remove("__openclaw"); // it has no place yet
            item.put("message", message);
            item.put("acceptedAt", said.at());
            item.put("state", "queued");
            return item;
        }).toList();
        return Map.of("items", items, "total", waiting.size());
    }

    /// Whether messages that a client remembers having sent are in the transcript by now.
    private List<Map<String, Object>> receipts(List<String> runIds) {
        return sessions.store().read(tx -> {
            List<Map<String, Object>> receipts = new ArrayList<>();
            for (String id : runIds) {
                Optional<RunRow> run = tx.runs().find(id);
                Optional<Entry> placed = run.filter(row -> row.entrySeq() > 0)
                        .flatMap(row -> tx.entries().at(row.sessionId(), row.entrySeq()));
                if (placed.isPresent()) {
                    receipts.add(Map.of("runId", id, "state", "consumed", "consumedByEventId", placed.get().id()));
                } else if (run.isPresent() && run.get().state().isFinal()) { // its message was put away since
                    receipts.add(Map.of("runId", id, "state", "consumed", "consumedByEventId", id));
                } else if (run.isPresent()) {
                    receipts.add(Map.of("runId", id, "state", "pending"));
                }
            }
            return receipts;
        });
    }
}
