package dev.chela.runtime.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToIntFunction;

import dev.chela.api.session.SessionKey;

import org.jspecify.annotations.Nullable;

/// How many runs may be at work at once, in all and in each lane, and which sessions wait for that. Safe for all threads.
final class Rooms {

    private final ToIntFunction<@Nullable Lane> caps;
    private final Map<Lane, Integer> running = new EnumMap<>(Lane.class);
    private final Map<Lane, Deque<Queue>> waiting = new EnumMap<>(Lane.class);
    private int all;

    /// Sessions that share a limit, so that many of one kind leave room for the others.
    enum Lane {
        /// What people and channels ask.
        MAIN,
        /// What runs by the clock.
        CRON,
        /// What agents ask of each other.
        SUBAGENT;

        static Lane of(SessionKey session) {
            if (session.rest().startsWith("cron:")) {
                return CRON;
            }
            return session.rest().startsWith("subagent:") ? SUBAGENT : MAIN;
        }
    }

    /// @param caps how many may be at work in a lane; in all for null
    Rooms(ToIntFunction<@Nullable Lane> caps) {
        this.caps = caps;
        for (Lane lane : Lane.values()) {
            running.put(lane, 0);
            waiting.put(lane, new ArrayDeque<>());
        }
    }

    private boolean hasRoom(Lane lane) {
        return all < caps.applyAsInt(null) && running.getOrDefault(lane, 0) < caps.applyAsInt(lane);
    }

    private Deque<Queue> line(Lane lane) {
        return waiting.computeIfAbsent(lane, _ -> new ArrayDeque<>());
    }

    /// Takes room for a session's next run.
    ///
    /// @return false if there is none; the session stands in line then
    synchronized boolean take(Queue queue) {
        Lane lane = Lane.of(queue.session);
        if (!hasRoom(lane)) {
            line(lane).add(queue);
            return false;
        }
        running.merge(lane, 1, Integer::sum);
        all++;
        return true;
    }

    /// Gives back the room of a session's run.
    synchronized void give(Queue queue) {
        running.merge(Lane.of(queue.session), -1, Integer::sum);
        all--;
    }

    /// The next session in line that there is room for; it must ask for it again.
    synchronized @Nullable Queue next() {
        for (Lane lane : Lane.values()) {
            if (hasRoom(lane)) {
                Queue next = line(lane).poll();
                if (next != null) {
                    return next;
                }
            }
        }
        return null;
    }

    /// How many are at work.
    synchronized int running() {
        return all;
    }
}
