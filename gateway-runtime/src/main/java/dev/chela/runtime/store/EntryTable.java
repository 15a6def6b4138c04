package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/// Transcripts: the messages of sessions, in order.
public final class EntryTable {

    private static final String COLUMNS = "id, session_id, seq, role, text, at, run_id, stop_reason, error, provider,"
            + " model, input_tokens, output_tokens, cache_tokens, content";

    /// How much of a message can be found by its words, in UTF-16 units.
    private static final int MAX_INDEXED = 100_000;

    /// How many of the newest matches are looked at: a word that everybody says must not take a reader for seconds.
    private static final int MAX_MATCHES = 10_000;

    private final Sql sql;

    EntryTable(Sql sql) {
        this.sql = sql;
    }

    /// A message.
    ///
    /// @param id unique in the store
    /// @param sessionId the session's id at the time
    /// @param seq its place in the session, from 1; given when it is added
    /// @param role `user`, `assistant` or `toolResult`
    /// @param text what was said
    /// @param at when, ms
    /// @param runId the run it belongs to
    /// @param stopReason why an answer ended
    /// @param error what went wrong with an answer
    /// @param cost who gave an answer, and its tokens
    /// @param content what the message has besides its text, JSON
    public record Entry(String id, String sessionId, long seq, String role, String text, long at,
            @Nullable String runId, @Nullable String stopReason, @Nullable String error, Cost cost,
            @Nullable String content) {

        /// A message of a person that has no place yet.
        public static Entry said(String sessionId, String text, long at, String runId) {
            return new Entry(UUID.randomUUID().toString(), sessionId, 0, "user", text, at, runId, null, null,
                    Cost.NONE, null);
        }

        /// An answer that nobody was asked for.
        ///
        /// @param stopReason `injected`
        public static Entry noted(String sessionId, String text, long at, @Nullable String runId, String stopReason) {
            return new Entry(UUID.randomUUID().toString(), sessionId, 0, "assistant", text, at, runId, stopReason, null,
                    Cost.NONE, null);
        }

        /// The same message under another id, with something besides its text.
        ///
        /// @param more JSON
        public Entry holding(String otherId, String more) {
            return new Entry(otherId, sessionId, seq, role, text, at, runId, stopReason, error, cost, more);
        }

        /// The same message with another text.
        public Entry saying(String other) {
            return new Entry(id, sessionId, seq, role, other, at, runId, stopReason, error, cost, content);
        }

        Entry atPlace(long place) {
            return new Entry(id, sessionId, place, role, text, at, runId, stopReason, error, cost, content);
        }
    }

    /// Who gave an answer, and how many tokens it took.
    public record Cost(@Nullable String provider, @Nullable String model, long input, long output, long cache) {

        /// Nothing.
        public static final Cost NONE = new Cost(null, null, 0, 0, 0);
    }

    /// Adds a message behind all others of its session.
    ///
    /// @return the message with its place
    public Entry add(Entry entry) {
        long seq = 1 + sql.number("SELECT max(seq) FROM entry WHERE session_id = ?", entry.sessionId());
        sql.update("INSERT INTO entry (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                entry.id(),
                entry.sessionId(), seq, entry.role(), entry.text(), entry.at(), entry.runId(), entry.stopReason(),
                entry.error(), entry.cost().provider(), entry.cost().model(), entry.cost().input(),
                entry.cost().output(), entry.cost().cache(), entry.content());
        index(entry.atPlace(seq));
        return entry.atPlace(seq);
    }

    private void index(Entry entry) {
        if (!entry.text().isEmpty()) {
            sql.update("INSERT INTO word_place (session_id, seq) VALUES (?, ?)", entry.sessionId(), entry.seq());
            sql.update("INSERT INTO word (rowid, text) SELECT id, ? FROM word_place WHERE session_id = ? AND seq = ?",
                    entry.text().substring(0, Math.min(entry.text().length(), MAX_INDEXED)), entry.sessionId(),
                    entry.seq());
        }
    }

    /// Notes what an answer cost at the last of its messages, if it has any.
    public void charge(String sessionId, String runId, Cost cost) {
        sql.update("UPDATE entry SET input_tokens = ?, output_tokens = ?, cache_tokens = ? WHERE session_id = ?"
                + " AND seq = (SELECT max(seq) FROM entry WHERE session_id = ? AND run_id = ? AND role = 'assistant')",
                cost.input(), cost.output(), cost.cache(), sessionId, sessionId, runId);
    }

    /// Removes all messages of a session, and what came with them.
    public void remove(String sessionId) {
        new AttachmentTable(sql).forget(sessionId);
        sql.update("DELETE FROM word WHERE rowid IN (SELECT id FROM word_place WHERE session_id = ?)", sessionId);
        sql.update("DELETE FROM word_place WHERE session_id = ?", sessionId);
        sql.update("DELETE FROM entry WHERE session_id = ?", sessionId);
    }

    /// Moves a session's oldest messages to another id, at the same places.
    ///
    /// @param upTo the place of the last one to go
    /// @return how many there were
    public int move(String sessionId, long upTo, String otherId) {
        sql.update("UPDATE word_place SET session_id = ? WHERE session_id = ? AND seq <= ?", otherId, sessionId, upTo);
        return sql.update("UPDATE entry SET session_id = ? WHERE session_id = ? AND seq <= ?", otherId, sessionId,
                upTo);
    }

    /// What was said that matches words, the best match of the newest ones first.
    ///
    /// @param agent only that agent's sessions
    /// @param keys only those sessions; empty for all
    /// @param words all of them must be there; a part of a word's beginning is enough
    public List<Found> search(@Nullable String agent, List<String> keys, List<String> words, int limit) {
        String query = words.stream().map(word -> '"' + word.replace("\"", "\"\"") + "\"*")
                .collect(Collectors.joining(" "));
        return sql.list("SELECT " + COLUMNS.replaceAll("(\\w+)", "entry.$1") + ", found.score, coalesce(session.key,"
                + " past.key) FROM (SELECT rowid AS id, bm25(word) AS score FROM word WHERE word MATCH ?"
                + " ORDER BY rowid DESC LIMIT ?) AS found JOIN word_place AS place ON place.id = found.id"
                + " JOIN entry ON entry.session_id = place.session_id AND entry.seq = place.seq"
                + " LEFT JOIN session ON session.session_id = entry.session_id"
                + " LEFT JOIN past_session AS past ON past.session_id = entry.session_id"
                + " WHERE (? IS NULL OR coalesce(session.agent, past.agent) = ?)"
                + " AND (? = '[]' OR coalesce(session.key, past.key) IN (SELECT value FROM json_each(?)))"
                + " ORDER BY found.score, entry.at DESC LIMIT ?",
                row -> new Found(row(row), row.getString(17), -row.getDouble(16)), query, MAX_MATCHES, agent, agent,
                json(keys), json(keys), limit);
    }

    private static String json(List<String> keys) {
        return keys.stream().map(key -> '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "[", "]"));
    }

    /// A message that matches.
    ///
    /// @param key the session it was said in
    /// @param score larger is better
    public record Found(Entry entry, String key, double score) {}

    /// The newest messages before a place, oldest first.
    ///
    /// @param before a place; only earlier ones are returned
    public List<Entry> before(String sessionId, long before, int limit) {
        List<Entry> newest = sql.list("SELECT " + COLUMNS + " FROM entry WHERE session_id = ? AND seq < ?"
                + " ORDER BY seq DESC LIMIT ?", EntryTable::row, sessionId, before, limit);
        Collections.reverse(newest);
        return newest;
    }

    /// What answers cost in a stretch of time.
    ///
    /// @param at when it began, ms
    /// @param answers how many there were
    public record Spent(long at, long input, long output, long cache, long answers) {}

    /// What answers cost, by stretches of time, the oldest first; those without any are left out.
    ///
    /// @param sessionId only that session's; null for all
    /// @param stretch how long each is, ms
    public List<Spent> spent(@Nullable String sessionId, long from, long to, long stretch) {
        return sql.list("SELECT (at / ?) * ?, sum(input_tokens), sum(output_tokens), sum(cache_tokens), count(*)"
                + " FROM entry WHERE role = 'assistant' AND at >= ? AND at < ? AND input_tokens + output_tokens > 0"
                + only(sessionId) + " GROUP BY at / ? ORDER BY 1",
                row -> new Spent(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)),
                stretch, stretch, from, to, sessionId, stretch);
    }

    /// What one session's messages came to in a stretch of time.
    ///
    /// @param first when the first of them was said, ms
    /// @param last when the last was
    public record Usage(String sessionId, long users, long answers, long toolResults, long errors, long input,
            long output, long cache, long first, long last) {}

    /// What sessions came to, the dearest first.
    ///
    /// @param sessionId only that one; null for all
    public List<Usage> usage(@Nullable String sessionId, long from, long to, int limit) {
        return sql.list("SELECT session_id, sum(role = 'user'), sum(role = 'assistant'), sum(role = 'toolResult'),"
                + " sum(error IS NOT NULL), sum(input_tokens), sum(output_tokens), sum(cache_tokens), min(at), max(at)"
                + " FROM entry WHERE at >= ? AND at < ?" + only(sessionId) + " GROUP BY session_id"
                + " ORDER BY sum(input_tokens + output_tokens) DESC, max(at) DESC LIMIT ?",
                row -> new Usage(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5),
                        row.getLong(6), row.getLong(7), row.getLong(8), row.getLong(9), row.getLong(10)),
                from, to, sessionId, limit);
    }

    /// A condition for one session takes its key, one for all takes nothing: a single statement for both finds no index.
    private static String only(@Nullable String sessionId) {
        return sessionId == null ? " AND ? IS NULL" : " AND session_id = ?";
    }

    /// The message with an id.
    public Optional<Entry> find(String id) {
        return sql.first("SELECT " + COLUMNS + " FROM entry WHERE id = ?", EntryTable::row, id);
    }

    /// The place of the newest message; 0 if there is none.
    public long last(String sessionId) {
        return sql.number("SELECT max(seq) FROM entry WHERE session_id = ?", sessionId);
    }

    /// The message at a place.
    public Optional<Entry> at(String sessionId, long seq) {
        return sql.first("SELECT " + COLUMNS + " FROM entry WHERE session_id = ? AND seq = ?", EntryTable::row,
                sessionId, seq);
    }

    /// How many messages a session has.
    public long count(String sessionId) {
        return sql.number("SELECT count(*) FROM entry WHERE session_id = ?", sessionId);
    }

    private static Entry row(ResultSet row) throws SQLException {
        var cost = new Cost(row.getString(10), row.getString(11), row.getLong(12), row.getLong(13), row.getLong(14));
        return new Entry(row.getString(1), row.getString(2), row.getLong(3), row.getString(4), row.getString(5),
                row.getLong(6), row.getString(7), row.getString(8), row.getString(9), cost, row.getString(15));
    }
}
