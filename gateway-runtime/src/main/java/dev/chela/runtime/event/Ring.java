package dev.chela.runtime.event;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The newest news of one handle, as many as there is room for. Used with the handle locked, but for its size.
final class Ring {

    /// What an entry costs besides its frame, bytes.
    private static final int ENTRY_COST = 64;

    private final Handles.Room room;
    private final AtomicLong held;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final AtomicLong bytes = new AtomicLong();
    private long floor;
    private Refusal lost = Refusal.EXPIRED;

    /// News under their number.
    ///
    /// @param at when they were told, in milliseconds
    record Entry(long offset, News news, long at) {}

    /// @param held counts what all rings hold together; frames that several hold count once
    Ring(Handles.Room room, AtomicLong held) {
        this.room = room;
        this.held = held;
    }

    /// What news take in a ring of their own.
    static long cost(News news) {
        return ENTRY_COST + (long) news.body().length;
    }

    void add(Entry entry) {
        entries.addLast(entry);
        bytes.addAndGet(cost(entry.news()));
        held.addAndGet(entry.news().keep() ? cost(entry.news()) : ENTRY_COST);
        while (bytes.get() > room.ring()) {
            forgetOldest(Refusal.OVERFLOW);
        }
    }

    /// Forgets what is too old.
    void trim(long now) {
        while (!entries.isEmpty() && now - entries.getFirst().at() > room.age().toMillis()) {
            forgetOldest(Refusal.EXPIRED);
        }
    }

    /// Forgets everything.
    void clear() {
        while (!entries.isEmpty()) {
            forgetOldest(Refusal.OVERFLOW);
        }
    }

    private void forgetOldest(Refusal why) {
        Entry oldest = entries.removeFirst();
        bytes.addAndGet(-cost(oldest.news()));
        held.addAndGet(oldest.news().letGo() ? -cost(oldest.news()) : -ENTRY_COST);
        floor = oldest.offset();
        lost = why;
    }

    /// How much it holds, in bytes; for all threads.
    long bytes() {
        return bytes.get();
    }

    /// The offset of the newest news that were forgotten; 0 if none were.
    long floor() {
        return floor;
    }

    /// Why they were forgotten.
    Refusal lost() {
        return lost;
    }

    /// What came after an offset.
    List<Entry> after(long offset) {
        return entries.stream().filter(entry -> entry.offset() > offset).toList();
    }
}
