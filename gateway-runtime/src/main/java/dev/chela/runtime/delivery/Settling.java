package dev.chela.runtime.delivery;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.chela.runtime.store.OutboxTable.OutboxRow;

/// Who waits to hear what became of a message, or that it takes longer. Safe for all threads.
final class Settling {

    /// How many may wait for one message; they all repeat one request.
    static final int MAX_WAITING = 16;

    private static final System.Logger LOG = System.getLogger("delivery");

    private final Map<String, List<Consumer<OutboxRow>>> waiting = new HashMap<>();

    /// Tells the first thing that becomes of a message.
    ///
    /// @return false if too many wait for it already
    boolean await(String id, Consumer<OutboxRow> told) {
        synchronized (waiting) {
            List<Consumer<OutboxRow>> all = waiting.computeIfAbsent(id, _ -> new ArrayList<>(1));
            return all.size() < MAX_WAITING && all.add(told);
        }
    }

    /// Somebody waits for it no longer.
    void forget(String id, Consumer<OutboxRow> told) {
        synchronized (waiting) {
            waiting.computeIfPresent(id, (_, all) -> {
                all.remove(told);
                return all.isEmpty() ? null : all;
            });
        }
    }

    /// Tells everybody who waits; whoever cannot be told keeps nobody else from it.
    void settled(OutboxRow row) {
        List<Consumer<OutboxRow>> told;
        synchronized (waiting) {
            told = waiting.remove(row.id());
        }
        if (told == null) {
            return;
        }
        for (Consumer<OutboxRow> one : told) {
            try {
                one.accept(row);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "what became of message " + row.id() + " cannot be told", e);
            }
        }
    }
}
