package dev.chela.runtime.plugin;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

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

    /// The permits of one more plugin.
    Share share() {
        return new Share(all, each);
    }

    /// What one plugin may use. While some of its work spins, the plugin has one permit, what finds none is refused at
    /// once, so is long work, and long work that is not in the plugin's code yet waits; the spinning work gives back what it
    /// took from the others.
    static final class Share {

        private final Semaphore all;
        private final int each;
        private final Own own;
        private final AtomicInteger waiting = new AtomicInteger();
        private final AtomicInteger longWork = new AtomicInteger();
        private final Map<Thread, Work> running = new ConcurrentHashMap<>();
        private final Lock mended = new ReentrantLock();
        private final Condition isMended = mended.newCondition();
        private volatile boolean cut;

        private Share(Semaphore all, int each) {
            this.all = all;
            this.each = each;
            own = new Own(each);
        }

        /// Permits that can be taken away from those who have not got them yet.
        private static final class Own extends Semaphore {

            private static final long serialVersionUID = 1L;

            Own(int permits) {
                super(permits, true);
            }

            void takeAway(int permits) {
                reducePermits(permits);
            }
        }

        /// Reserves a place in the queue for short work.
        boolean queue() {
            return !(cut && own.availablePermits() <= 0) && counted(waiting, MAX_WAITING);
        }

        /// Runs short work as soon as there are permits; gives the place back.
        void run(Runnable work) {
            own.acquireUninterruptibly();
            all.acquireUninterruptibly();
            waiting.decrementAndGet();
            try {
                run(work, all);
            } finally {
                own.release();
            }
        }

        /// Lets others run while short work waits for somebody outside.
        boolean pause() {
            if (!beginLong()) {
                return false;
            }
            work().giveBack();
            own.release();
            return true;
        }

        /// Goes on.
        void resume() {
            longWork.decrementAndGet();
            own.acquireUninterruptibly();
            work().takeAgain();
        }

        private Work work() {
            return Objects.requireNonNull(running.get(Thread.currentThread()));
        }

        /// Reserves a place for long work.
        boolean beginLong() {
            return !cut && counted(longWork, MAX_LONG);
        }

        /// Runs long work; gives the place back.
        void runLong(Runnable work) {
            try {
                run(work, null);
            } finally {
                longWork.decrementAndGet();
            }
        }

        /// Waits while some of the work spins.
        void awaitMended() throws InterruptedException {
            if (!cut) {
                return;
            }
            mended.lockInterruptibly();
            try {
                while (cut) {
                    isMended.await();
                }
            } finally {
                mended.unlock();
            }
        }

        private void run(Runnable work, @Nullable Semaphore taken) {
            var begun = new Work(Thread.currentThread(), taken);
            running.put(Thread.currentThread(), begun);
            try {
                work.run();
            } finally {
                running.remove(Thread.currentThread());
                begun.giveBack();
            }
        }

        private static boolean counted(AtomicInteger count, int max) {
            if (count.incrementAndGet() <= max) {
                return true;
            }
            count.decrementAndGet();
            return false;
        }

        /// Looks at everything that runs; called by one thread at a time.
        ///
        /// @return how much of it spins
        int watch(String plugin) {
            int spinning = 0;
            for (Work work : running.values()) {
                spinning += work.spins(plugin) ? 1 : 0;
            }
            if (spinning > 0 && !cut) {
                cut = true;
                own.takeAway(each - 1);
            } else if (spinning == 0 && cut) {
                mend();
                own.release(each - 1);
                Work.LOG.log(System.Logger.Level.INFO, "plugin '" + plugin + "' has all its permits again");
            }
            return spinning;
        }

        private void mend() {
            mended.lock();
            try {
                cut = false;
                isMended.signalAll();
            } finally {
                mended.unlock();
            }
        }

        /// Whether some of the work spins.
        boolean isCut() {
            return cut;
        }
    }
}
