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

    private static final int MAX_REASON = 1000;

    private Bounded() {}

    /// @param context the plugin's class loader
    static <T> T run(String what, Duration limit, ClassLoader context, Callable<T> code) throws PluginException {
        var task = new FutureTask<>(() -> {
            Thread.currentThread().setContextClassLoader(context);
            return telling(what, code);
        });
        Thread thread = Thread.ofPlatform().daemon().name(what).start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof PluginException known ? known : new PluginException(what + " failed", e);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new PluginException(what + " took longer than " + limit.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new PluginException(what + " was interrupted", e);
        }
    }

    private static <T> T telling(String what, Callable<T> code) throws PluginException {
        try {
            return code.call();
        } catch (PluginException e) {
            throw e;
        } catch (Throwable e) {
            throw told(what, e);
        }
    }

    /// What a plugin throws may itself fail to say what it is.
    private static PluginException told(String what, Throwable thrown) {
        try {
            String message = thrown.getMessage();
            boolean plain = thrown instanceof IllegalArgumentException && message != null;
            String text = String.valueOf(plain ? message : thrown.toString());
            return new PluginException(what + " failed: "
                    + (text.length() > MAX_REASON ? text.substring(0, MAX_REASON) + "…" : text), thrown);
        } catch (Throwable e) {
            return new PluginException(what + " failed: " + thrown.getClass().getName());
        }
    }
}
