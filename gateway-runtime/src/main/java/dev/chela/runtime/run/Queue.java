package dev.chela.runtime.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

import dev.chela.api.session.SessionKey;

import org.jspecify.annotations.Nullable;

/// The runs of one session. Its lock, which whoever touches it holds, is held while one is accepted, so that the order in the
/// store is the order here.
final class Queue {

    final SessionKey session;
    final Deque<Run> waiting = new ArrayDeque<>();
    @Nullable
    Run current;
    boolean waitsForRoom;
    /// Whether it was taken out of the map since nothing was in it; a run put in now would be lost to the session.
    boolean forgotten;

    Queue(SessionKey session) {
        this.session = session;
    }

    boolean isIdle() {
        return current == null && waiting.isEmpty();
    }

    /// The one at work, then those that wait, in order.
    List<Run> open() {
        List<Run> all = new ArrayList<>();
        if (current != null) {
            all.add(current);
        }
        all.addAll(waiting);
        all.removeIf(Run::isEnded);
        return all;
    }

    /// The next ones that may be taken over by another one: all of one mode, with their answers wanted in the same place.
    List<Run> next(Run lead, QueueMode mode) {
        List<Run> next = new ArrayList<>();
        for (Run run : waiting) {
            if (run.isEnded()) {
                continue;
            } else if (run.mode() != mode || !Objects.equals(place(run), place(lead))) {
                break;
            }
            next.add(run);
        }
        return next;
    }

    private static @Nullable Object place(Run run) {
        Ask.Reply reply = run.options().reply();
        return reply == null ? null : reply.route().address();
    }
}
