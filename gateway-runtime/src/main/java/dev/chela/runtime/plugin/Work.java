package dev.chela.runtime.plugin;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/// A piece of plugin code that runs, and how long it has kept its thread busy. Watched from one other thread.
final class Work {

    static final System.Logger LOG = System.getLogger("plugins");

    /// From when on a thread that was never seen waiting counts as spinning.
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final Thread thread;
    private final @Nullable Semaphore taken;
    private final AtomicBoolean given = new AtomicBoolean();
    private long busySince;
    private boolean named;

    /// @param taken gets its permit back when the work ends or turns out to spin; null if there is none
    Work(Thread thread, @Nullable Semaphore taken) {
        this.thread = thread;
        this.taken = taken;
    }

    void giveBack() {
        if (taken != null && given.compareAndSet(false, true)) {
            taken.release();
        }
    }

    void takeAgain() {
        if (taken != null) {
            taken.acquireUninterruptibly();
            given.set(false);
        }
    }

    /// Looks once more.
    boolean spins(String plugin) {
        long now = System.nanoTime();
        StackTraceElement at = busyAt();
        if (at == null) {
            busySince = 0;
            named = false;
            return false;
        } else if (busySince == 0) {
            busySince = now;
        }
        boolean spins = now - busySince >= PATIENCE.toNanos();
        if (spins && !named) {
            named = true;
            giveBack();
            LOG.log(Level.WARNING, "plugin '" + plugin + "' has kept a thread busy for " + PATIENCE.toSeconds()
                    + " s at " + at + "; until it stops, the plugin may do one thing at a time");
        }
        return spins;
    }

    /// Where the thread is busy; null if it waits, if only for a carrier.
    private @Nullable StackTraceElement busyAt() {
        if (thread.getState() != Thread.State.RUNNABLE) {
            return null;
        }
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length == 0 || stack[0].getClassName().equals("java.lang.VirtualThread") ? null : stack[0];
    }
}
