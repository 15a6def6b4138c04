package dev.chela.runtime.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.chela.api.session.SessionKey;

import org.jspecify.annotations.Nullable;

/// The runs of one session. Its lock, which whoever touches it holds, is held while one is accepted, so that the order in the
/// store is the order here.
final class Queue {

    /// How long messages may be that are answered together, in UTF-16 units.
    static final int MAX_TOGETHER = 1_000_000;

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

    /// The next ones that may be taken over by another one: all of one mode, wanted in the same way, and together no longer
    /// than one message may be.
    List<Run> next(Run lead, QueueMode mode) {
        List<Run> next = new ArrayList<>();
        long length = lead.message().length();
        for (Run run : waiting) {
            if (run.isEnded()) {
                continue;
            }
            length += run.message().length();
            if (run.mode() != mode || length > MAX_TOGETHER || !wanted(run).equals(wanted(lead))) {
                break;
            }
            next.add(run);
        }
        return next;
    }

    /// What is started by no person is shown in no chat: nothing that a person said may vanish in it.
    private static List<Object> wanted(Run run) {
        Ask.Options options = run.options();
        Ask.Reply reply = options.reply();
        return List.of(reply == null ? "" : reply.route().address(), run.isVisible(),
                String.valueOf(options.extraPrompt()), String.valueOf(options.timeout()));
    }
}
