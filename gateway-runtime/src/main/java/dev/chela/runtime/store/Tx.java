package dev.chela.runtime.store;

/// One transaction, seen through the tables it can touch. Valid only inside its [Work].
public final class Tx {

    private final SessionTable sessions;
    private final EntryTable entries;
    private final RunTable runs;
    private final OutboxTable outbox;
    private final AttachmentTable attachments;
    private final Sql sql;

    Tx(Sql sql) {
        this.sql = sql;
        this.sessions = new SessionTable(sql);
        this.entries = new EntryTable(sql);
        this.runs = new RunTable(sql);
        this.outbox = new OutboxTable(sql);
        this.attachments = new AttachmentTable(sql);
    }

    /// Changes something that means nothing, so that a commit has something to bring to the disk.
    boolean touch() {
        return sql.update("UPDATE synced SET at = at + 1") == 1;
    }

    /// Chat sessions.
    public SessionTable sessions() {
        return sessions;
    }

    /// Their transcripts.
    public EntryTable entries() {
        return entries;
    }

    /// Runs, from acceptance to their end.
    public RunTable runs() {
        return runs;
    }

    /// Messages on their way out.
    public OutboxTable outbox() {
        return outbox;
    }

    /// What came with messages.
    public AttachmentTable attachments() {
        return attachments;
    }
}
