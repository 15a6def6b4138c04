package dev.chela.runtime.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// The tables, and how older stores become current ones: forward only, one numbered step after the other.
final class Schema {

    /// Step `n` of the list leads to version `n + 1`. Never change one that was released.
    private static final List<List<String>> STEPS = List.of(List.of("""
            CREATE TABLE session (
                key TEXT PRIMARY KEY, agent TEXT NOT NULL, session_id TEXT NOT NULL,
                created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, label TEXT, preview TEXT, title TEXT,
                provider TEXT, model TEXT, input_tokens INTEGER NOT NULL DEFAULT 0,
                output_tokens INTEGER NOT NULL DEFAULT 0, aborted INTEGER NOT NULL DEFAULT 0
            ) WITHOUT ROWID""", "CREATE INDEX session_by_update ON session (updated_at DESC, key)",
            "CREATE UNIQUE INDEX session_by_id ON session (session_id)",
            """
                    CREATE TABLE entry (
                        id TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL, seq INTEGER NOT NULL, role TEXT NOT NULL,
                        text TEXT NOT NULL, at INTEGER NOT NULL, run_id TEXT, stop_reason TEXT, error TEXT, provider TEXT,
                        model TEXT, input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
                        cache_tokens INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (session_id, seq)
                    ) WITHOUT ROWID""",
            """
                    CREATE TABLE run (
                        id TEXT NOT NULL, method TEXT NOT NULL, principal TEXT NOT NULL, request_hash TEXT NOT NULL,
                        session_key TEXT NOT NULL, session_id TEXT NOT NULL, entry_seq INTEGER NOT NULL,
                        message TEXT NOT NULL, state TEXT NOT NULL, accepted_at INTEGER NOT NULL,
                        started_at INTEGER NOT NULL DEFAULT 0, ended_at INTEGER NOT NULL DEFAULT 0,
                        shown INTEGER NOT NULL DEFAULT 0, options TEXT NOT NULL DEFAULT '{}', result TEXT,
                        PRIMARY KEY (method, principal, id)
                    )""", "CREATE TABLE synced (at INTEGER NOT NULL)", "INSERT INTO synced VALUES (0)",
            "CREATE INDEX run_by_id ON run (id)",
            "CREATE INDEX run_by_end ON run (ended_at) WHERE state NOT IN ('QUEUED', 'RUNNING')",
            "CREATE INDEX run_open ON run (state) WHERE state IN ('QUEUED', 'RUNNING')"),
            List.of("ALTER TABLE session ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'",
                    "ALTER TABLE session ADD COLUMN parent TEXT",
                    "ALTER TABLE session ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE session ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE session ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
                    "CREATE UNIQUE INDEX session_by_label ON session (label) WHERE label IS NOT NULL", """
                            CREATE TABLE past_session (
                                session_id TEXT PRIMARY KEY, key TEXT NOT NULL, agent TEXT NOT NULL,
                                created_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, reason TEXT NOT NULL
                            ) WITHOUT ROWID""", "CREATE INDEX past_session_by_key ON past_session (key)",
                    "ALTER TABLE entry ADD COLUMN content TEXT",
                    "CREATE INDEX answer_by_time ON entry (at, session_id, input_tokens, output_tokens, cache_tokens) WHERE role = 'assistant'",
                    "CREATE TABLE word_place (id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, seq INTEGER NOT NULL)",
                    "CREATE UNIQUE INDEX word_place_by_entry ON word_place (session_id, seq)", """
                            CREATE VIRTUAL TABLE word USING fts5 (
                                text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')""",
                    "INSERT INTO word_place (session_id, seq) SELECT session_id, seq FROM entry WHERE text <> ''", """
                            INSERT INTO word (rowid, text) SELECT place.id, substr(entry.text, 1, 100000)
                                FROM word_place AS place JOIN entry USING (session_id, seq)"""),
            List.of("ALTER TABLE session ADD COLUMN route TEXT",
                    """
                            CREATE TABLE outbox (
                                seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL,
                                account TEXT NOT NULL, target TEXT NOT NULL, thread TEXT NOT NULL, reply_to TEXT,
                                content TEXT NOT NULL, session_key TEXT, run_id TEXT, method TEXT, principal TEXT,
                                request_key TEXT, request_hash TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
                                repeated INTEGER NOT NULL DEFAULT 0, accepted_at INTEGER NOT NULL, since INTEGER NOT NULL,
                                next_at INTEGER NOT NULL DEFAULT 0, ended_at INTEGER NOT NULL DEFAULT 0, receipt TEXT, error TEXT
                            )""",
                    """
                            CREATE INDEX outbox_open ON outbox (channel, account, target, thread, seq)
                                WHERE state IN ('WAITING', 'SENDING')""",
                    "CREATE INDEX outbox_unsent ON outbox (seq) WHERE state IN ('WAITING', 'SENDING', 'FAILED')",
                    "CREATE INDEX outbox_by_end ON outbox (ended_at) WHERE state IN ('SENT', 'DROPPED')",
                    "CREATE INDEX outbox_by_session ON outbox (session_key) WHERE session_key IS NOT NULL",
                    """
                            CREATE INDEX outbox_by_request ON outbox (method, principal, request_key)
                                WHERE request_key IS NOT NULL""",
                    "CREATE TABLE blob (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, content BLOB NOT NULL)", """
                            CREATE TABLE attachment (
                                message_id TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (message_id, hash)
                            ) WITHOUT ROWID""", "CREATE INDEX attachment_by_hash ON attachment (hash)"));

    /// The version this gateway writes.
    static final int CURRENT = STEPS.size();

    private Schema() {}

    /// Brings a store up to date; keeps a copy of the old one beside it.
    ///
    /// @throws StoreException if the store was written by a newer gateway
    static void migrate(Sql sql, Path file) {
        migrate(sql, file, CURRENT);
    }

    /// Brings a store to a version, as a gateway did that knew no later one.
    static void migrate(Sql sql, Path file, int wanted) {
        int version = (int) sql.number("PRAGMA user_version");
        if (version > CURRENT) {
            throw new StoreException("store " + file + " has schema version " + version
                    + ", written by a newer gateway; this one knows up to " + CURRENT);
        } else if (version == wanted) {
            return;
        } else if (version > 0) {
            backUp(sql, file, version);
        }
        sql.begin();
        for (List<String> step : STEPS.subList(version, wanted)) {
            step.forEach(sql::run);
        }
        sql.run("PRAGMA user_version = " + wanted);
        sql.commit();
    }

    private static void backUp(Sql sql, Path file, int version) {
        Path copy = file.resolveSibling(file.getFileName() + ".v" + version + ".bak");
        try {
            Files.deleteIfExists(copy);
            Files.createFile(copy, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new StoreException("cannot replace the copy " + copy + " of the old store", e);
        }
        sql.run("VACUUM INTO '" + copy.toString().replace("'", "''") + "'");
    }
}
