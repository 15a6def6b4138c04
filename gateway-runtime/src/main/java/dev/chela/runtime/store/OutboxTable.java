package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// Messages on their way out to channels, in order of acceptance, and what became of them.
public final class OutboxTable {

    private static final String COLUMNS = "seq, id, channel, account, target, thread, reply_to, content, session_key,"
            + " run_id, method, principal, request_key, request_hash, state, attempts, repeated, accepted_at, since,"
            + " next_at, ended_at, receipt, error";
    private static final String OPEN = "state IN ('WAITING', 'SENDING')";
    /// What was forgotten while it was being sent is not kept for anybody.
    private static final String OR_DROPPED = "CASE WHEN content = '{}' THEN 'DROPPED' ELSE '%s' END";
    private static final String AT = "channel = ? AND account = ? AND target = ? AND thread = ?";

    private final Sql sql;

    OutboxTable(Sql sql) {
        this.sql = sql;
    }

    /// Where a message is in its life.
    public enum State {
        /// It will be sent.
        WAITING,
        /// It is being sent, or was when the gateway died.
        SENDING,
        /// The service has it.
        SENT,
        /// It was given up, and waits for an operator.
        FAILED,
        /// An operator threw it away.
        DROPPED;

        /// Whether nothing will happen to it by itself any more.
        public boolean isFinal() {
            return this != WAITING && this != SENDING;
        }
    }

    /// A place in a channel; what goes to one place keeps its order.
    ///
    /// @param to the chat
    /// @param thread the thread within it; empty if there is none
    public record Address(String channel, String account, String to, String thread) {}

    /// Where a message comes from.
    ///
    /// @param sessionKey the session, if it comes from one
    /// @param runId the run whose answer it is
    /// @param request who asked for it to be sent; null if it is an answer
    public record Origin(@Nullable String sessionKey, @Nullable String runId, @Nullable Request request) {}

    /// A request to send something, and how to tell it from others.
    public record Request(String method, String principal, String key, String hash) {}

    /// What is to be sent.
    ///
    /// @param replyTo the id of the message it answers
    /// @param content JSON
    public record Item(Address address, @Nullable String replyTo, String content, Origin origin) {}

    /// How far a message is.
    ///
    /// @param repeated whether an attempt may have arrived without our knowing
    /// @param since from when on its age counts, ms: when it was accepted or last revived
    /// @param nextAt not to be tried before, ms
    /// @param endedAt ms; 0 if it has not ended
    /// @param receipt what the service said, JSON
    /// @param error what went wrong last
    public record Progress(State state, int attempts, boolean repeated, long acceptedAt, long since, long nextAt,
            long endedAt, @Nullable String receipt, @Nullable String error) {}

    /// A message.
    ///
    /// @param seq its place in the order
    public record OutboxRow(long seq, String id, Item item, Progress progress) {}

    /// How many there are, and since when the oldest waits.
    ///
    /// @param oldest ms; 0 if none waits
    public record Counts(Map<State, Long> byState, long oldest) {

        /// How many are in a state.
        public long of(State state) {
            return byState.getOrDefault(state, 0L);
        }
    }

    /// Adds a message.
    public void add(String id, Item item, long now) {
        Address at = item.address();
        Request request = item.origin().request();
        sql.update("INSERT INTO outbox (id, channel, account, target, thread, reply_to, content, session_key, run_id,"
                + " method, principal, request_key, request_hash, state, accepted_at, since)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'WAITING', ?, ?)", id, at.channel(), at.account(),
                at.to(), at.thread(), item.replyTo(), item.content(), item.origin().sessionKey(),
                item.origin().runId(), request == null ? null : request.method(),
                request == null ? null : request.principal(), request == null ? null : request.key(),
                request == null ? null : request.hash(), now, now);
    }

    /// The message to be sent next to a place.
    public Optional<OutboxRow> next(Address at) {
        return sql.first("SELECT " + COLUMNS + " FROM outbox WHERE " + AT + " AND " + OPEN + " ORDER BY seq LIMIT 1",
                OutboxTable::row, at.channel(), at.account(), at.to(), at.thread());
    }

    /// All places that something waits for.
    public List<Address> places() {
        return sql.list("SELECT DISTINCT channel, account, target, thread FROM outbox WHERE " + OPEN,
                row -> new Address(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
    }

    /// What was being sent when the gateway died may have arrived.
    public int recover() {
        return sql.update("UPDATE outbox SET state = " + OR_DROPPED.formatted("WAITING")
                + ", repeated = 1 WHERE state = 'SENDING'");
    }

    /// A message by its id.
    public Optional<OutboxRow> find(String id) {
        return sql.first("SELECT " + COLUMNS + " FROM outbox WHERE id = ?", OutboxTable::row, id);
    }

    /// The messages of a request, in order.
    public List<OutboxRow> of(Request request) {
        return sql.list("SELECT " + COLUMNS + " FROM outbox WHERE method = ? AND principal = ? AND request_key = ?"
                + " ORDER BY seq", OutboxTable::row, request.method(), request.principal(), request.key());
    }

    /// Notes that a message is about to be sent.
    ///
    /// @return false if it is no longer to be sent
    public boolean sending(long seq) {
        return sql.update("UPDATE outbox SET state = 'SENDING', attempts = attempts + 1,"
                + " repeated = max(repeated, state = 'SENDING') WHERE seq = ? AND " + OPEN,
                seq) == 1;
    }

    /// Notes that the service has it.
    public void sent(long seq, String receipt, long now) {
        sql.update(
                "UPDATE outbox SET state = 'SENT', receipt = ?, error = NULL, ended_at = ? WHERE seq = ? AND " + OPEN,
                receipt, now, seq);
    }

    /// Notes that an attempt failed.
    ///
    /// @param arrived whether it may have arrived all the same
    /// @param now ms; a message from the future, written by a clock that was wrong, counts from now on
    /// @param nextAt when it is tried again, ms
    public void retry(long seq, String error, boolean arrived, long now, long nextAt) {
        sql.update("UPDATE outbox SET state = " + OR_DROPPED.formatted("WAITING") + ", error = ?,"
                + " repeated = max(repeated, ?), next_at = ?, since = min(since, ?) WHERE seq = ? AND " + OPEN, error,
                arrived ? 1 : 0, nextAt, now, seq);
    }

    /// Gives it up.
    ///
    /// @param arrived whether it may have arrived all the same
    public void failed(long seq, String error, boolean arrived, long now) {
        sql.update("UPDATE outbox SET state = " + OR_DROPPED.formatted("FAILED") + ", error = ?,"
                + " repeated = max(repeated, ?), ended_at = ? WHERE seq = ? AND " + OPEN, error, arrived ? 1 : 0, now,
                seq);
    }

    /// The messages that belong together with one: the parts of an answer or of a request, in order.
    public List<OutboxRow> parts(OutboxRow row) {
        Request request = row.item().origin().request();
        if (request != null) {
            return of(request);
        } else if (row.item().origin().runId() == null) {
            return List.of(row);
        }
        return sql.list("SELECT " + COLUMNS + " FROM outbox WHERE session_key = ? AND run_id = ? ORDER BY seq",
                OutboxTable::row, row.item().origin().sessionKey(), row.item().origin().runId());
    }

    /// Sends one again that was given up; it goes behind what waits for the same place.
    ///
    /// @return false if there is none of that id
    public boolean revive(String id, long now) {
        return sql.update("UPDATE outbox SET seq = (SELECT max(seq) + 1 FROM outbox), state = 'WAITING', since = ?,"
                + " next_at = 0, ended_at = 0 WHERE id = ? AND state = 'FAILED'", now, id) == 1;
    }

    /// Throws one away that was given up or waits.
    ///
    /// @return false if there is none of that id
    public boolean drop(String id, long now) {
        return sql.update("UPDATE outbox SET state = 'DROPPED', ended_at = ? WHERE id = ?"
                + " AND state IN ('FAILED', 'WAITING')", now, id) == 1;
    }

    /// What a list is to contain.
    ///
    /// @param state only those in that state; null for all that have not been sent or dropped
    /// @param channel only those of that channel
    /// @param after only those behind that place in the order
    public record Filter(@Nullable State state, @Nullable String channel, long after) {}

    /// Messages in order.
    public List<OutboxRow> list(Filter filter, int limit) {
        String state = filter.state() == null ? null : filter.state().name();
        return sql.list("SELECT " + COLUMNS + " FROM outbox WHERE seq > ? AND (state = ? OR (? IS NULL"
                + " AND state IN ('WAITING', 'SENDING', 'FAILED'))) AND (? IS NULL OR channel = ?) ORDER BY seq LIMIT ?",
                OutboxTable::row, filter.after(), state, state, filter.channel(), filter.channel(), limit);
    }

    /// How many are to be sent.
    public long open() {
        return sql.number("SELECT count(*) FROM outbox WHERE " + OPEN);
    }

    /// Drops those that were given up before a time.
    ///
    /// @return how many
    public int dropFailed(long endedBefore, long now) {
        return sql.update("UPDATE outbox SET state = 'DROPPED', ended_at = ? WHERE state = 'FAILED' AND ended_at < ?",
                now, endedBefore);
    }

    /// How many there are.
    public Counts counts() {
        Map<State, Long> byState = new HashMap<>();
        sql.list("SELECT state, count(*) FROM outbox WHERE state IN ('WAITING', 'SENDING', 'FAILED') GROUP BY state",
                row -> byState.put(State.valueOf(row.getString(1)), row.getLong(2)));
        return new Counts(byState, sql.number("SELECT min(accepted_at) FROM outbox WHERE " + OPEN));
    }

    /// Forgets what was sent or dropped before a time.
    public void forget(long endedBefore) {
        sql.update("DELETE FROM outbox WHERE state IN ('SENT', 'DROPPED') AND ended_at < ?", endedBefore);
    }

    /// Forgets the words of a session; what was not sent yet is dropped.
    public void forgetWords(String sessionKey, long now) {
        sql.update("UPDATE outbox SET state = 'DROPPED', ended_at = ? WHERE session_key = ?"
                + " AND state IN ('WAITING', 'FAILED')", now, sessionKey);
        sql.update("UPDATE outbox SET content = '{}' WHERE session_key = ?", sessionKey);
    }

    /// A state by the name clients know.
    public static Optional<State> named(String name) {
        try {
            return Optional.of(State.valueOf(name.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static OutboxRow row(ResultSet row) throws SQLException {
        var address = new Address(row.getString(3), row.getString(4), row.getString(5), row.getString(6));
        Request request = row.getString(13) == null
                ? null
                : new Request(row.getString(11), row.getString(12), row.getString(13), row.getString(14));
        var item = new Item(address, row.getString(7), row.getString(8),
                new Origin(row.getString(9), row.getString(10), request));
        var progress = new Progress(State.valueOf(row.getString(15)), row.getInt(16), row.getInt(17) != 0,
                row.getLong(18), row.getLong(19), row.getLong(20), row.getLong(21), row.getString(22),
                row.getString(23));
        return new OutboxRow(row.getLong(1), row.getString(2), item, progress);
    }
}
