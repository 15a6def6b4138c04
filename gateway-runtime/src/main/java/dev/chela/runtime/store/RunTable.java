package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// Runs from their acceptance to their end, and the idempotency keys they were accepted under.
public final class RunTable {

    private static final String COLUMNS = "id, method, principal, request_hash, session_key, session_id, entry_seq,"
            + " message, state, accepted_at, started_at, ended_at, shown, options, result";

    private final Sql sql;

    RunTable(Sql sql) {
        this.sql = sql;
    }

    /// Where a run is in its life.
    public enum State {
        /// It waits for its turn.
        QUEUED,
        /// An engine is at work.
        RUNNING,
        /// It was answered.
        FINISHED,
        /// It could not be answered.
        FAILED,
        /// A person or a deadline ended it.
        ABORTED,
        /// The gateway died while it ran, and it had shown something.
        INTERRUPTED;

        /// Whether nothing will happen to it any more.
        public boolean isFinal() {
            return this != QUEUED && this != RUNNING;
        }
    }

    /// A run.
    ///
    /// @param id the client's idempotency key
    /// @param method the method it came by; ids are unique per method and principal
    /// @param principal whose it is
    /// @param requestHash tells the same request from another under the same id
    /// @param sessionKey the session
    /// @param sessionId the session's id when it was accepted
    /// @param entrySeq the place of its message in the transcript
    /// @param message what the engine is asked
    /// @param state where it is
    /// @param acceptedAt ms
    /// @param startedAt ms; 0 if it has not started
    /// @param endedAt ms; 0 if it has not ended
    /// @param shown whether a part of an answer may have been seen
    /// @param options what else was asked for, JSON
    /// @param result how it ended, JSON
    public record RunRow(String id, String method, String principal, String requestHash, String sessionKey,
            String sessionId, long entrySeq, String message, State state, long acceptedAt, long startedAt,
            long endedAt, boolean shown, String options, @Nullable String result) {}

    /// The run that was accepted under a key.
    public Optional<RunRow> find(String method, String principal, String id) {
        return sql.first("SELECT " + COLUMNS + " FROM run WHERE method = ? AND principal = ? AND id = ?", RunTable::row,
                method, principal, id);
    }

    /// The newest run with an id, whoever's it is.
    public Optional<RunRow> find(String id) {
        return sql.first("SELECT " + COLUMNS + " FROM run WHERE id = ? ORDER BY accepted_at DESC LIMIT 1",
                RunTable::row, id);
    }

    /// The runs that have not ended, in order of acceptance.
    public List<RunRow> open() {
        return sql.list("SELECT " + COLUMNS + " FROM run WHERE state IN ('QUEUED', 'RUNNING') ORDER BY rowid",
                RunTable::row);
    }

    /// Adds a run.
    public void add(RunRow run) {
        sql.update("INSERT INTO run (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", run.id(),
                run.method(), run.principal(), run.requestHash(), run.sessionKey(), run.sessionId(), run.entrySeq(),
                run.message(), run.state().name(), run.acceptedAt(), run.startedAt(), run.endedAt(),
                run.shown() ? 1 : 0, run.options(), run.result());
    }

    /// Notes that an engine is at work on it.
    ///
    /// @return false if it has ended already
    public boolean started(RunRow run, long now) {
        return sql.update("UPDATE run SET state = 'RUNNING', started_at = ? WHERE method = ? AND principal = ?"
                + " AND id = ? AND state IN ('QUEUED', 'RUNNING')", now, run.method(), run.principal(), run.id()) == 1;
    }

    /// Notes where its message stands in the transcript.
    ///
    /// @return that place
    public long place(RunRow run, long entrySeq) {
        sql.update("UPDATE run SET entry_seq = ? WHERE method = ? AND principal = ? AND id = ?", entrySeq, run.method(),
                run.principal(), run.id());
        return entrySeq;
    }

    /// Changes what the engine is asked.
    public void message(RunRow run, String message) {
        sql.update("UPDATE run SET message = ? WHERE method = ? AND principal = ? AND id = ?", message, run.method(),
                run.principal(), run.id());
    }

    /// Notes that a part of its answer is about to be shown.
    public void shown(RunRow run) {
        sql.update("UPDATE run SET shown = 1 WHERE method = ? AND principal = ? AND id = ?", run.method(),
                run.principal(), run.id());
    }

    /// Notes how it ended.
    public void ended(RunRow run, State state, long now, String result) {
        sql.update("UPDATE run SET state = ?, ended_at = ?, result = ? WHERE method = ? AND principal = ? AND id = ?",
                state.name(), now, result, run.method(), run.principal(), run.id());
    }

    /// Forgets what was said in a session's ended runs; that they were asked for is still known.
    public void forgetWords(String sessionKey) {
        sql.update("UPDATE run SET message = '', result = json_set(result, '$.text', '') WHERE session_key = ?"
                + " AND state NOT IN ('QUEUED', 'RUNNING')", sessionKey);
    }

    /// Forgets runs that ended before a time; their messages stay.
    ///
    /// @param method of these, what ended after another time is kept
    /// @param ofMethodBefore that time, ms
    public void forget(long endedBefore, String method, long ofMethodBefore) {
        sql.update("DELETE FROM run WHERE state NOT IN ('QUEUED', 'RUNNING') AND ended_at < ?"
                + " AND (method <> ? OR ended_at < ?)", endedBefore, method, ofMethodBefore);
    }

    private static RunRow row(ResultSet row) throws SQLException {
        return new RunRow(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5),
                row.getString(6), row.getLong(7), row.getString(8), State.valueOf(row.getString(9)), row.getLong(10),
                row.getLong(11), row.getLong(12), row.getInt(13) != 0, row.getString(14), row.getString(15));
    }
}
