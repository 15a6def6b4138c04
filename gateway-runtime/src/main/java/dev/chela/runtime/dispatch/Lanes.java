package dev.chela.runtime.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Predicate;

/// Runs tasks of one key one after the other, in the order in which they came; different keys side by side.
///
/// A lane exists only while something is in it.
public final class Lanes {

    /// How many tasks may wait in one lane.
    public static final int MAX_WAITING = 1024;

    private final Map<String, Queue<Job>> lanes = new HashMap<>();

    /// Something to run in a lane.
    ///
    /// @param starter starts the task on a thread; false if it cannot
    /// @param task must not be run twice and must not throw
    /// @param refused runs instead of the task if the starter cannot start it
    public record Job(Predicate<Runnable> starter, Runnable task, Runnable refused) {}

    /// Takes the next ticket of a lane.
    public void run(String key, Job job) {
        switch (enter(key, job)) {
            case FIRST -> start(key, job);
            case FULL -> job.refused().run();
            case WAITS -> {
            }
        }
    }

    private enum Entered {
        FIRST, WAITS, FULL
    }

    private Entered enter(String key, Job job) {
        synchronized (lanes) {
            Queue<Job> waiting = lanes.putIfAbsent(key, new ArrayDeque<>(2));
            if (waiting == null) {
                return Entered.FIRST;
            }
            return waiting.size() < MAX_WAITING && waiting.add(job) ? Entered.WAITS : Entered.FULL;
        }
    }

    private void start(String key, Job job) {
        boolean started = job.starter().test(() -> {
            try {
                job.task().run();
            } finally {
                next(key);
            }
        });
        if (!started) {
            job.refused().run();
            next(key);
        }
    }

    private void next(String key) {
        Job job;
        synchronized (lanes) {
            Queue<Job> waiting = lanes.get(key);
            job = waiting == null ? null : waiting.poll();
            if (job == null) {
                lanes.remove(key);
                return;
            }
        }
        start(key, job);
    }
}
