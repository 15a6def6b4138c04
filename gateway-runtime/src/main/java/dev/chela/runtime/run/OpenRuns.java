package dev.chela.runtime.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.chela.runtime.store.RunTable.RunRow;

import org.jspecify.annotations.Nullable;

/// The runs that have not ended, by what they were accepted under. Safe for all threads.
final class OpenRuns {

    /// How many there may be in all sessions, and how long their messages may be together with what came with them: it is
    /// in memory when they are answered.
    static final int MAX = 10_000;
    private static final long MAX_TEXT = 64L << 20;

    private final Map<Key, Run> runs = new ConcurrentHashMap<>();
    private final AtomicLong text = new AtomicLong();

    /// What a run was accepted under.
    private record Key(String method, String principal, String id) {

        static Key of(RunRow row) {
            return new Key(row.method(), row.principal(), row.id());
        }
    }

    boolean hasRoomFor(Ask ask) {
        return runs.size() < MAX && text.get() + ask.weight() <= MAX_TEXT;
    }

    void add(Run run) {
        if (runs.put(Key.of(run.row()), run) == null) {
            text.addAndGet(run.ask().weight());
        }
    }

    void remove(Run run) {
        if (runs.remove(Key.of(run.row()), run)) {
            text.addAndGet(-run.ask().weight());
        }
    }

    @Nullable
    Run find(RunRow row) {
        return runs.get(Key.of(row));
    }

    Optional<Run> find(String id) {
        return runs.values().stream().filter(run -> run.id().equals(id)).findFirst();
    }

    List<Run> all() {
        return List.copyOf(runs.values());
    }

    int count() {
        return runs.size();
    }
}
