package dev.chela.runtime.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Predicate;

/// Starts tasks of one key in the order in which they came, as many side by side as a lane is wide; different keys know
/// nothing of each other.
///
/// A lane exists only while something is in it.
public final class Lanes {

    /// How many tasks may wait in one lane.
    public static final int MAX_WAITING = 1024;

    private final int width;
    private final Map<String, Lane> lanes = new HashMap<>();

    /// No lane yet.
    ///
    /// @param width how many tasks of one key run at once
    public Lanes(int width) {
        this.width = width;
    }

    private static final class Lane {
        private final Queue<Job> waiting = new ArrayDeque<>(2);
        private int running;
    }

    /// Something to run in a lane.
    ///
    /// @param starter starts the task on a thread; false if it cannot
    /// @param task must not be run twice and must not throw
    /// @param refused runs instead of the task if the starter cannot start it
    public record Job(Predicate<Runnable> starter, Runnable task, Runnable refused) {}

    /// Takes the next ticket of a lane; the job is refused if the lane is full.
    public void run(String key, Job job) {
        if (!offer(key, job)) {
            job.refused().run();
        }
    }

    /// Takes the next ticket of a lane.
    ///
    /// @return false if the lane is full; nothing was run then
    boolean offer(String key, Job job) {
        Entered entered = enter(key, job);
        if (entered == Entered.STARTS) {
            start(key, job);
        }
        return entered != Entered.FULL;
    }

    private enum Entered {
        STARTS, WAITS, FULL
    }

    private Entered enter(String key, Job job) {
        synchronized (lanes) {
            Lane lane = lanes.computeIfAbsent(key, _ -> new Lane());
            if (lane.running < width) {
                lane.running++;
                return Entered.STARTS;
            }
            return lane.waiting.size() < MAX_WAITING && lane.waiting.add(job) ? Entered.WAITS : Entered.FULL;
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
            Lane lane = Objects.requireNonNull(lanes.get(key));
            job = lane.waiting.poll();
            if (job == null) {
                if (--lane.running == 0) {
                    lanes.remove(key);
                }
                return;
            }
        }
        start(key, job);
    }
}
