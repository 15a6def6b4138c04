package dev.chela.runtime.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.chela.api.session.SessionKey;

/// System events that wait for a session's next turn; in memory only.
public final class Notes {

    /// The most that wait for one session; the oldest is dropped.
    public static final int MAX_PER_SESSION = 20;
    /// The most sessions that notes wait for; further ones are refused.
    public static final int MAX_SESSIONS = 10_000;
    /// The longest note.
    public static final int MAX_LENGTH = 4096;

    private final Map<SessionKey, List<String>> waiting = new ConcurrentHashMap<>();

    /// Leaves a note; a repetition of the newest is ignored.
    ///
    /// @throws IllegalArgumentException if it is too long or there are too many
    public void add(SessionKey session, String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the text is longer than " + MAX_LENGTH + " characters");
        } else if (waiting.size() >= MAX_SESSIONS && !waiting.containsKey(session)) {
            throw new IllegalArgumentException("notes wait for " + MAX_SESSIONS + " sessions already");
        }
        waiting.compute(session, (_, before) -> {
            List<String> notes = before == null ? new ArrayList<>() : new ArrayList<>(before);
            if (notes.isEmpty() || !notes.getLast().equals(text)) {
                notes.add(text);
            }
            return notes.size() > MAX_PER_SESSION ? notes.subList(1, notes.size()) : notes;
        });
    }

    /// Takes what waits for a session.
    public List<String> take(SessionKey session) {
        List<String> notes = waiting.remove(session);
        return notes == null ? List.of() : List.copyOf(notes);
    }

    /// What waits for a session.
    public List<String> peek(SessionKey session) {
        return List.copyOf(waiting.getOrDefault(session, List.of()));
    }
}
