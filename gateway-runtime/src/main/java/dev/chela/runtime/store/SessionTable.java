package dev.chela.runtime.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// Chat sessions, one row each.
public final class SessionTable {

    private static final String COLUMNS = "key, agent, session_id, created_at, updated_at, label, preview, title,"
            + " provider, model, input_tokens, output_tokens, aborted";

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
    public record SessionRow(String key, String agent, String sessionId, long createdAt, long updatedAt,
            @Nullable String label, @Nullable String preview, @Nullable String title, @Nullable String provider,
            @Nullable String model, long inputTokens, long outputTokens, boolean aborted) {}

    /// The session with an id.
    public Optional<SessionRow> findById(String sessionId) {
        return sql.first("SELECT " + COLUMNS + " FROM session WHERE session_id = ?", SessionTable::row, sessionId);
    }

    /// What a list is to contain.
    ///
    /// @param agent only of that agent
    /// @param updatedSince only those changed since, ms
    /// @param search a part of key, label, title or id
    public record Filter(@Nullable String agent, long updatedSince, @Nullable String search) {

        /// Everything.
        public static final Filter ALL = new Filter(null, 0, null);
    }

    /// The session of a key.
    public Optional<SessionRow> find(String key) {
        return sql.first("SELECT " + COLUMNS + " FROM session WHERE key = ?", SessionTable::row, key);
    }

    /// The newest sessions first.
    public List<SessionRow> list(Filter filter, int offset, int limit) {
        return sql.list("SELECT " + COLUMNS + " FROM session " + where()
                + " ORDER BY updated_at DESC, key LIMIT ? OFFSET ?", SessionTable::row, filter.agent(), filter.agent(),
                filter.updatedSince(), like(filter), like(filter), like(filter), like(filter), like(filter), limit,
                offset);
    }

    /// How many a list has in all.
    public long count(Filter filter) {
        return sql.number("SELECT count(*) FROM session " + where(), filter.agent(), filter.agent(),
                filter.updatedSince(), like(filter), like(filter), like(filter), like(filter), like(filter));
    }

    private static String where() {
        return "WHERE (? IS NULL OR agent = ?) AND updated_at >= ? AND (? IS NULL OR key LIKE ? ESCAPE '\\'"
                + " OR lower(label) LIKE ? ESCAPE '\\' OR lower(title) LIKE ? ESCAPE '\\'"
                + " OR session_id LIKE ? ESCAPE '\\')";
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
    public void ensure(String key, String agent, String sessionId, long now) {
        sql.update("INSERT INTO session (key, agent, session_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
                + " ON CONFLICT (key) DO NOTHING", key, agent, sessionId, now, now);
    }

    /// Notes that a message was added; the first one gives the title.
    public void touched(String key, long now, String text) {
        sql.update("UPDATE session SET updated_at = ?, preview = ?, title = coalesce(title, ?) WHERE key = ?", now,
                text, text, key);
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

    private static SessionRow row(ResultSet row) throws SQLException {
        return new SessionRow(row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getLong(5),
                row.getString(6), row.getString(7), row.getString(8), row.getString(9), row.getString(10),
                row.getLong(11), row.getLong(12), row.getInt(13) != 0);
    }
}
