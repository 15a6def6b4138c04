package dev.chela.runtime.connection;

import java.util.concurrent.atomic.AtomicLong;

/// What waits in all outboxes together. Bytes that several outboxes share count once.
public final class OutboxBudget {

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    /// A budget of that many bytes.
    public OutboxBudget(long limit) {
        this.limit = limit;
    }

    void add(long bytes) {
        held.addAndGet(bytes);
    }

    void remove(long bytes) {
        held.addAndGet(-bytes);
    }

    /// What is held now.
    public long held() {
        return held.get();
    }

    /// Whether more is held than there should be.
    public boolean isExceeded() {
        return held.get() > limit;
    }
}
