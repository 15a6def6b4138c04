package dev.chela.runtime.delivery;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import dev.chela.runtime.store.OutboxTable.OutboxRow;

/// Who waits to hear what became of a message, or that it takes longer. Safe for all threads.
final class Settling {

    private final Map<String, Consumer<OutboxRow>> waiting = new HashMap<>();

    /// Tells the first thing that becomes of a message; whoever waits for the same one already is told the same.
    void await(String id, Consumer<OutboxRow> told) {
        synchronized (waiting) {
            waiting.merge(id, told, Consumer::andThen);
        }
    }

    /// Nobody waits for it any more.
    void forget(String id) {
        synchronized (waiting) {
            waiting.remove(id);
        }
    }

    void settled(OutboxRow row) {
        Consumer<OutboxRow> told;
        synchronized (waiting) {
            told = waiting.remove(row.id());
        }
        if (told != null) {
            told.accept(row);
        }
    }
}
