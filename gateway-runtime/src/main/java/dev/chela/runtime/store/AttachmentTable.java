package dev.chela.runtime.store;

import java.util.List;
import java.util.Optional;

/// The contents of pictures and files that came with messages, each kept once however often it was sent, as long as a
/// message has it.
public final class AttachmentTable {

    private final Sql sql;

    AttachmentTable(Sql sql) {
        this.sql = sql;
    }

    /// Keeps a content for a message, which need not be in a transcript yet.
    ///
    /// @param messageId the id the message has or will have there
    /// @param hash SHA-256 of the content, hex
    public void keep(String messageId, String hash, byte[] content) {
        sql.put("INSERT INTO blob (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", hash, content);
        sql.update("INSERT INTO attachment (message_id, hash) VALUES (?, ?) ON CONFLICT DO NOTHING", messageId, hash);
    }

    /// A content.
    public Optional<byte[]> content(String hash) {
        return sql.first("SELECT content FROM blob WHERE hash = ?", row -> row.getBytes(1), hash);
    }

    /// How many contents are kept.
    public long count() {
        return sql.number("SELECT count(*) FROM blob");
    }

    /// Forgets what a session's messages have, which must still be there; a content that no other message has is gone.
    void forget(String sessionId) {
        List<String> hashes = sql.list("SELECT DISTINCT hash FROM attachment WHERE message_id IN"
                + " (SELECT id FROM entry WHERE session_id = ?)", row -> row.getString(1), sessionId);
        if (hashes.isEmpty()) {
            return;
        }
        sql.update("DELETE FROM attachment WHERE message_id IN (SELECT id FROM entry WHERE session_id = ?)", sessionId);
        hashes.forEach(hash -> sql.update("DELETE FROM blob WHERE hash = ?"
                + " AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.hash = blob.hash)", hash));
    }
}
