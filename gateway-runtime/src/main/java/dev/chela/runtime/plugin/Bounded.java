package dev.chela.runtime.plugin;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs code of plugins outside of calls, on a thread of its own and within a time; what it throws, even an error,
/// becomes the reason.
final class Bounded {

    /// How long a plugin may take to register, and to check.
    static final Duration START = Duration.ofSeconds(10);
    /// How long it may take to end.
    static final Duration CLOSE = Duration.ofSeconds(5);

    private Bounded() {}

    static <T> T run(String what, Duration limit, Callable<T> code) throws PluginException {
        var task = new FutureTask<>(code);
        Thread thread = Thread.ofPlatform().daemon().name(what).start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof PluginException known) {
                throw known;
            }
            boolean ours = cause instanceof IllegalArgumentException && cause.getMessage() != null;
            throw new PluginException(what + " failed: " + (ours ? cause.getMessage() : cause), cause);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new PluginException(what + " took longer than " + limit.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new PluginException(what + " was interrupted", e);
        }
    }
}
