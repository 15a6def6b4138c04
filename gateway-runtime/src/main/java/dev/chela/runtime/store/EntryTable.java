package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/// Transcripts: the messages of sessions, in order.
public final class EntryTable {

    private static final String COLUMNS = "id, session_id, seq, role, text, at, run_id, stop_reason, error, provider,"
            + " model, input_tokens, output_tokens, cache_tokens";

    private final Sql sql;

    EntryTable(Sql sql) {
        this.sql = sql;
    }

    /// A message.
    ///
    /// @param id unique in the store
    /// @param sessionId the session's id at the time
    /// @param seq its place in the session, from 1; given when it is added
    /// @param role `user` or `assistant`
    /// @param text what was said
    /// @param at when, ms
    /// @param runId the run it belongs to
    /// @param stopReason why an answer ended
    /// @param error what went wrong with an answer
    /// @param cost who gave an answer, and its tokens
    public record Entry(String id, String sessionId, long seq, String role, String text, long at,
            @Nullable String runId, @Nullable String stopReason, @Nullable String error, Cost cost) {

        /// A message of a person that has no place yet.
        public static Entry said(String sessionId, String text, long at, String runId) {
            return new Entry(UUID.randomUUID().toString(), sessionId, 0, "user", text, at, runId, null, null,
                    Cost.NONE);
        }

        Entry atPlace(long place) {
            return new Entry(id, sessionId, place, role, text, at, runId, stopReason, error, cost);
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
        sql.update("INSERT INTO entry (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entry.id(),
                entry.sessionId(), seq, entry.role(), entry.text(), entry.at(), entry.runId(), entry.stopReason(),
                entry.error(), entry.cost().provider(), entry.cost().model(), entry.cost().input(),
                entry.cost().output(), entry.cost().cache());
        return entry.atPlace(seq);
    }

    /// The newest messages before a place, oldest first.
    ///
    /// @param before a place; only earlier ones are returned
    public List<Entry> before(String sessionId, long before, int limit) {
        List<Entry> newest = sql.list("SELECT " + COLUMNS + " FROM entry WHERE session_id = ? AND seq < ?"
                + " ORDER BY seq DESC LIMIT ?", EntryTable::row, sessionId, before, limit);
        Collections.reverse(newest);
        return newest;
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
                row.getLong(6), row.getString(7), row.getString(8), row.getString(9), cost);
    }
}
