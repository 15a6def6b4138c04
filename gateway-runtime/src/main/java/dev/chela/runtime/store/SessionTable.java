package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// Chat sessions, one row each.
public final class SessionTable {

    private static final String COLUMNS = "key, agent, session_id, created_at, updated_at, label, preview, title,"
            + " provider, model, input_tokens, output_tokens, aborted, settings, parent, archived, pinned, unread,"
            + " route";

    private final Sql sql;

    SessionTable(Sql sql) {
        this.sql = sql;
    }

    /// A session.
    ///
    /// @param key its canonical key
    /// @param agent the agent's id
    /// @param sessionId changes when the session begins anew under its key
    /// @param createdAt when it began, ms
    /// @param updatedAt when something was last added, ms
    /// @param label a name a person gave it
    /// @param preview the beginning of the newest message
    /// @param title the beginning of the first message
    /// @param provider who provided the newest answer
    /// @param model which model gave it
    /// @param inputTokens of the newest answer
    /// @param outputTokens of the newest answer
    /// @param aborted whether the newest run was aborted
    /// @param settings what was chosen for this session alone, JSON
    /// @param parent the key of the session it was made from
    /// @param marks how people sort it
    /// @param route where its people are, JSON
    public record SessionRow(String key, String agent, String sessionId, long createdAt, long updatedAt,
            @Nullable String label, @Nullable String preview, @Nullable String title, @Nullable String provider,
            @Nullable String model, long inputTokens, long outputTokens, boolean aborted, String settings,
            @Nullable String parent, Marks marks, @Nullable String route) {}

    /// How people sort a session.
    ///
    /// @param archived put away; not in lists that do not ask for it
    /// @param pinned kept in sight
    /// @param unread marked as not read
    public record Marks(boolean archived, boolean pinned, boolean unread) {

        /// None.
        public static final Marks NONE = new Marks(false, false, false);
    }

    /// A session that ended when another began under its key; its transcript stays.
    ///
    /// @param sessionId the id its messages have
    /// @param reason why it ended: `new`, `reset`, `daily`, `idle` or `deleted`
    public record PastRow(String sessionId, String key, String agent, long createdAt, long endedAt, String reason) {}

    /// The session with an id.
    public Optional<SessionRow> findById(String sessionId) {
        return sql.first("SELECT " + COLUMNS + " FROM session WHERE session_id = ?", SessionTable::row, sessionId);
    }

    /// What a list is to contain.
    ///
    /// @param agent only of that agent
    /// @param updatedSince only those changed since, ms
    /// @param search a part of key, label, title or id
    /// @param label exactly that label
    /// @param parent only those made from that session
    /// @param archived only those put away, or only the others; null for both
    public record Filter(@Nullable String agent, long updatedSince, @Nullable String search, @Nullable String label,
            @Nullable String parent, @Nullable Boolean archived) {

        /// Everything.
        public static final Filter ALL = new Filter(null, 0, null, null, null, null);

        private @Nullable Object[] values(@Nullable Object... more) {
            Integer put = archived == null ? null : archived ? 1 : 0;
            String like = like(this);
            List<@Nullable Object> values = new ArrayList<@Nullable Object>(
                    Arrays.<@Nullable Object>asList(agent, agent, updatedSince, like, like, like,
                            like, like, label, label, parent, parent, put, put));
            values.addAll(Arrays.<@Nullable Object>asList(more));
            return values.toArray();
        }
    }

    /// The session of a key.
    public Optional<SessionRow> find(String key) {
        return sql.first("SELECT " + COLUMNS + " FROM session WHERE key = ?", SessionTable::row, key);
    }

    /// The newest sessions first.
    public List<SessionRow> list(Filter filter, int offset, int limit) {
        return sql.list("SELECT " + COLUMNS + " FROM session " + where()
                + " ORDER BY updated_at DESC, key LIMIT ? OFFSET ?", SessionTable::row, filter.values(limit, offset));
    }

    /// How many a list has in all.
    public long count(Filter filter) {
        return sql.number("SELECT count(*) FROM session " + where(), filter.values());
    }

    private static String where() {
        return "WHERE (? IS NULL OR agent = ?) AND updated_at >= ? AND (? IS NULL OR key LIKE ? ESCAPE '\\'"
                + " OR lower(label) LIKE ? ESCAPE '\\' OR lower(title) LIKE ? ESCAPE '\\'"
                + " OR session_id LIKE ? ESCAPE '\\') AND (? IS NULL OR label = ?) AND (? IS NULL OR parent = ?)"
                + " AND (? IS NULL OR archived = ?)";
    }

    private static @Nullable String like(Filter filter) {
        if (filter.search() == null) {
            return null;
        }
        String escaped = filter.search().toLowerCase(Locale.ROOT).replace("\\", "\\\\").replace("%", "\\%")
                .replace("_", "\\_");
        return "%" + escaped + "%";
    }

    /// Makes the session if it is not there.
    ///
    /// @return whether it was not
    public boolean ensure(String key, String agent, String sessionId, long now) {
        return 1 == sql
                .update("INSERT INTO session (key, agent, session_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (key) DO NOTHING", key, agent, sessionId, now, now);
    }

    /// Notes that a message was added; the first one gives the title.
    public void touched(String key, long now, String text) {
        sql.update("UPDATE session SET updated_at = ?, preview = ?, title = coalesce(title, ?) WHERE key = ?", now,
                text, text, key);
    }

    /// Notes that something was added that says nothing about what the session is about.
    public void noted(String key, long now, String text) {
        sql.update("UPDATE session SET updated_at = ?, preview = ? WHERE key = ?", now, text, key);
    }

    /// Notes how the newest run ended.
    public void ended(String key, boolean aborted, @Nullable String provider, @Nullable String model) {
        sql.update("UPDATE session SET aborted = ?, provider = coalesce(?, provider), model = coalesce(?, model)"
                + " WHERE key = ?", aborted ? 1 : 0, provider, model, key);
    }

    /// Notes what the newest answer cost.
    public void spent(String key, long inputTokens, long outputTokens) {
        sql.update("UPDATE session SET input_tokens = ?, output_tokens = ? WHERE key = ?", inputTokens, outputTokens,
                key);
    }

    /// Gives a session a name of its own, or takes it away.
    public void label(String key, @Nullable String label) {
        sql.update("UPDATE session SET label = ? WHERE key = ?", label, key);
    }

    /// The session with a label.
    public Optional<SessionRow> findByLabel(String label) {
        return sql.first("SELECT " + COLUMNS + " FROM session WHERE label = ?", SessionTable::row, label);
    }

    /// Replaces what was chosen for a session alone.
    ///
    /// @param settings JSON
    public void settings(String key, String settings) {
        sql.update("UPDATE session SET settings = ? WHERE key = ?", settings, key);
    }

    /// Notes where its people are.
    ///
    /// @param route JSON
    public void route(String key, String route) {
        sql.update("UPDATE session SET route = ? WHERE key = ?", route, key);
    }

    /// Notes which session it was made from.
    public void parent(String key, String parent) {
        sql.update("UPDATE session SET parent = ? WHERE key = ?", parent, key);
    }

    /// Replaces how people sort a session.
    public void marks(String key, Marks marks) {
        sql.update("UPDATE session SET archived = ?, pinned = ?, unread = ? WHERE key = ?", marks.archived() ? 1 : 0,
                marks.pinned() ? 1 : 0, marks.unread() ? 1 : 0, key);
    }

    /// Begins anew under the same key: what was said stays with the old id, what was chosen stays with the key.
    public void beginAnew(SessionRow old, String sessionId, long now, String reason) {
        retire(old, now, reason);
        sql.update("UPDATE session SET session_id = ?, created_at = ?, updated_at = ?, preview = NULL, title = NULL,"
                + " input_tokens = 0, output_tokens = 0, aborted = 0 WHERE key = ?", sessionId, now, now, old.key());
    }

    private void retire(SessionRow old, long now, String reason) {
        sql.update("INSERT INTO past_session (session_id, key, agent, created_at, ended_at, reason)"
                + " VALUES (?, ?, ?, ?, ?, ?)", old.sessionId(), old.key(), old.agent(), old.createdAt(), now, reason);
    }

    /// Makes room for messages that are put away: a past session of the same key.
    public void putAway(SessionRow session, String sessionId, long now) {
        sql.update("INSERT INTO past_session (session_id, key, agent, created_at, ended_at, reason)"
                + " VALUES (?, ?, ?, ?, ?, 'compact')", sessionId, session.key(), session.agent(),
                session.createdAt(), now);
    }

    /// Removes a session from the list; what was said stays.
    public void remove(SessionRow session, long now) {
        retire(session, now, "deleted");
        sql.update("DELETE FROM session WHERE key = ?", session.key());
    }

    /// Forgets the sessions that were under a key before; their messages must be gone.
    public void forgetPast(String key) {
        sql.update("DELETE FROM past_session WHERE key = ?", key);
    }

    /// The sessions that were under a key before, the newest first.
    public List<PastRow> past(String key) {
        return sql.list("SELECT session_id, key, agent, created_at, ended_at, reason FROM past_session WHERE key = ?"
                + " ORDER BY ended_at DESC", SessionTable::past, key);
    }

    /// The session that had an id.
    public Optional<PastRow> pastById(String sessionId) {
        return sql.first("SELECT session_id, key, agent, created_at, ended_at, reason FROM past_session"
                + " WHERE session_id = ?", SessionTable::past, sessionId);
    }

    private static PastRow past(ResultSet row) throws SQLException {
        return new PastRow(row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getLong(5),
                row.getString(6));
    }

    private static SessionRow row(ResultSet row) throws SQLException {
        return new SessionRow(row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getLong(5),
                row.getString(6), row.getString(7), row.getString(8), row.getString(9), row.getString(10),
                row.getLong(11), row.getLong(12), row.getInt(13) != 0, row.getString(14), row.getString(15),
                new Marks(row.getInt(16) != 0, row.getInt(17) != 0, row.getInt(18) != 0), row.getString(19));
    }
}
