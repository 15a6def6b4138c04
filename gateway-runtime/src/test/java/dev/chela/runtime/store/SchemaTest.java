package dev.chela.runtime.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

import dev.chela.runtime.store.SessionTable.SessionRow;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/// Stores of earlier gateways become current ones and keep what is in them.
class SchemaTest {

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("old.db");
    }

    private void written(int version, String... statements) throws SQLException {
        try (var sql = new Sql(DriverManager.getConnection("jdbc:sqlite:" + file()))) {
            Schema.migrate(sql, file(), version);
            for (String statement : statements) {
                sql.run(statement);
            }
        }
    }

    @Test
    void keepsTheSessionsAndMessagesOfVersion1AndFindsTheirWords() throws Exception {
        written(1, "INSERT INTO session (key, agent, session_id, created_at, updated_at, title)"
                + " VALUES ('agent:main:s', 'main', 'id', 1, 2, 'crabs')",
                "INSERT INTO entry (id, session_id, seq, role, text, at) VALUES ('e', 'id', 1, 'user', 'Crabs walk', 1)",
                "INSERT INTO run (id, method, principal, request_hash, session_key, session_id, entry_seq, message,"
                        + " state, accepted_at) VALUES ('r', 'chat.send', 'p', 'h', 'agent:main:s', 'id', 1, 'm',"
                        + " 'QUEUED', 1)");
        try (Store store = Store.open(file())) {
            SessionRow session = store.read(tx -> tx.sessions().find("agent:main:s").orElseThrow());
            assertEquals("crabs", session.title());
            assertEquals("{}", session.settings());
            assertEquals(1, store.read(tx -> tx.runs().open()).size());
            assertEquals("agent:main:s",
                    store.read(tx -> tx.entries().search("main", List.of(), List.of("crab"), 5)).getFirst().key());
        }
        assertTrue(Files.exists(folder.resolve("old.db.v1.bak")));
        try (var copy = new Sql(DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("old.db.v1.bak")))) {
            assertEquals(1, copy.number("PRAGMA user_version"));
            assertEquals(1, copy.number("SELECT count(*) FROM entry"));
        }
    }

    @Test
    void keepsEverythingOfVersion2AndTakesAttachmentsFromThenOn() throws Exception {
        written(2, "INSERT INTO session (key, agent, session_id, created_at, updated_at, label, settings, pinned)"
                + " VALUES ('agent:main:s', 'main', 'id', 1, 2, 'crabs', '{\"model\":\"p/m\"}', 1)",
                "INSERT INTO past_session (session_id, key, agent, created_at, ended_at, reason)"
                        + " VALUES ('old', 'agent:main:s', 'main', 1, 1, 'reset')",
                "INSERT INTO entry (id, session_id, seq, role, text, at, content) VALUES ('e', 'id', 1, 'assistant',"
                        + " 'Crabs walk', 1, '{\"toolCalls\":[]}')",
                "INSERT INTO run (id, method, principal, request_hash, session_key, session_id, entry_seq, message,"
                        + " state, accepted_at, options) VALUES ('r', 'chat.send', 'p', 'h', 'agent:main:s', 'id', 0, 'm',"
                        + " 'QUEUED', 1, '{\"timeoutMs\":5}')");
        try (Store store = Store.open(file())) {
            SessionRow session = store.read(tx -> tx.sessions().find("agent:main:s").orElseThrow());
            assertEquals("crabs", session.label());
            assertEquals("{\"model\":\"p/m\"}", session.settings());
            assertTrue(session.marks().pinned());
            assertEquals(1, store.read(tx -> tx.sessions().past("agent:main:s")).size());
            assertEquals("{\"toolCalls\":[]}", store.read(tx -> tx.entries().find("e").orElseThrow()).content());
            assertEquals("{\"timeoutMs\":5}", store.read(tx -> tx.runs().open()).getFirst().options());
            store.write(tx -> {
                tx.attachments().keep("e", "hash", new byte[]{1, 2});
                return true;
            });
            assertEquals(2, store.read(tx -> tx.attachments().content("hash").orElseThrow()).length);
            store.write(tx -> {
                tx.entries().remove("id");
                return true;
            });
            assertEquals(0L, (long) store.read(tx -> tx.attachments().count()));
        }
        assertTrue(Files.exists(folder.resolve("old.db.v2.bak")));
    }
}
