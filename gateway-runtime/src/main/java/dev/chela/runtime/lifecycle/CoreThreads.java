package dev.chela.runtime.lifecycle;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The platform threads of the core; code of plugins never runs on them.
///
/// Virtual threads are left to plugins: the JDK does not time-slice them, so a few that spin would starve a core that
/// shared their carriers.
public final class CoreThreads implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("threads");

    /// How many calls of the core may be waiting for the disk at once.
    private static final int WORKERS = 32;

    private final ExecutorService drainers;
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    /// Starts no thread before it is needed.
    public CoreThreads() {
        int cores = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        drainers = Executors.newFixedThreadPool(cores, named("chela-drain-"));
        workers = new ThreadPoolExecutor(WORKERS, WORKERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                named("chela-work-"));
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, named("chela-timer-"));
        timer.setRemoveOnCancelPolicy(true);
    }

    /// Few threads for what never blocks: reading frames, quick methods, handing on.
    public Executor drainers() {
        return drainers;
    }

    /// Threads for what waits for the disk.
    public Executor workers() {
        return workers;
    }

    /// Does something that holds what the core waits for: never on a thread of a plugin, whose others may be busy without end
    /// and keep it from going on.
    public <T> T call(Supplier<T> work) {
        if (!Thread.currentThread().isVirtual()) {
            return work.get();
        }
        try {
            return CompletableFuture.supplyAsync(work, workers).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /// Runs something again and again on the timer's one thread, also after it has failed; it must not block.
    public void every(Duration period, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a periodic task failed", e);
            }
        };
        var _ = timer.scheduleWithFixedDelay(guarded, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Runs something once on the timer's one thread; it must not block.
    public Future<?> after(Duration delay, Runnable task) {
        return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static ThreadFactory named(String prefix) {
        ThreadFactory factory = Thread.ofPlatform().name(prefix, 0).daemon().inheritInheritableThreadLocals(false)
                .uncaughtExceptionHandler((thread, e) -> LOG.log(Level.ERROR, thread.getName() + " failed", e))
                .factory();
        return task -> {
            Thread thread = factory.newThread(task);
            // The thread that first needs it may be a plugin's, and must not leave its class loader here.
            thread.setContextClassLoader(CoreThreads.class.getClassLoader());
            return thread;
        };
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdownNow();
        drainers.shutdownNow();
    }
}
