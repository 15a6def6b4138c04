package dev.chela.runtime.plugin;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// How much code of plugins may run at once. The JDK does not time-slice virtual threads: whatever spins keeps its
/// carrier, so all plugins together, and each of them, may use only a part of the carriers for short work.
final class Permits {

    /// Short work of one plugin that may wait for a permit.
    static final int MAX_WAITING = 1024;
    /// Long work of one plugin, which mostly waits.
    static final int MAX_LONG = 512;

    private final Semaphore all;
    private final int each;

    /// @param carriers how many threads carry virtual ones
    Permits(int carriers) {
        all = new Semaphore(Math.max(1, carriers - 2), true);
        each = Math.max(1, carriers / 2 - 1);
    }

    static Permits ofThisProcess() {
        Integer set = Integer.getInteger("jdk.virtualThreadScheduler.parallelism");
        return new Permits(set == null ? Runtime.getRuntime().availableProcessors() : set);
    }

    /// The permits of one more plugin.
    Share share() {
        return new Share(all, new Semaphore(each, true));
    }

    /// What one plugin may use.
    static final class Share {

        private final Semaphore all;
        private final Semaphore own;
        private final AtomicInteger waiting = new AtomicInteger();
        private final AtomicInteger longWork = new AtomicInteger();

        Share(Semaphore all, Semaphore own) {
            this.all = all;
            this.own = own;
        }

        /// Reserves a place in the queue for short work.
        boolean queue() {
            return counted(waiting, MAX_WAITING);
        }

        /// Runs short work as soon as there are permits; gives the place back.
        void run(Runnable work) {
            own.acquireUninterruptibly();
            all.acquireUninterruptibly();
            waiting.decrementAndGet();
            try {
                work.run();
            } finally {
                all.release();
                own.release();
            }
        }

        /// Reserves a place for long work.
        boolean beginLong() {
            return counted(longWork, MAX_LONG);
        }

        void endLong() {
            longWork.decrementAndGet();
        }

        private static boolean counted(AtomicInteger count, int max) {
            if (count.incrementAndGet() <= max) {
                return true;
            }
            count.decrementAndGet();
            return false;
        }
    }
}
