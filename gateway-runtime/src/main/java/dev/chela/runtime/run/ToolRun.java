package dev.chela.runtime.run;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import dev.chela.api.agent.Tool;
import dev.chela.api.agent.ToolCall;
import dev.chela.api.agent.ToolResult;
import dev.chela.api.hook.ToolCalled;
import dev.chela.api.hook.ToolCalling;
import dev.chela.api.hook.ToolResultWriting;
import dev.chela.api.json.Json;
import dev.chela.api.rpc.RpcException;
import dev.chela.api.session.SessionKey;
import dev.chela.runtime.hook.Hooks;
import dev.chela.runtime.json.BindException;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.json.TooLargeException;
import dev.chela.runtime.lifecycle.CoreThreads;

import org.jspecify.annotations.Nullable;

/// One call of a tool, on a thread of the tool's owner. It ends once: with what the tool says, at its deadline, or when
/// whoever asked gives up; nobody waits for a tool that does not stop. Safe for all threads.
public final class ToolRun {

    private static final System.Logger LOG = System.getLogger("tools");
    /// The longest result, in bytes of JSON: it must fit into one event, which a client that reads can always be given.
    static final int MAX_RESULT = 256 << 10;
    /// What is larger is not even begun to be cut.
    private static final int MAX_WRITTEN = 4 << 20;
    /// How long a tool may take to stop when told to before it is named in the log.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Tools.Entry entry;
    private final Order order;
    private final CoreThreads threads;
    private final Hooks hooks;
    private final long begun;
    private final CompletableFuture<ToolResult> result = new CompletableFuture<>();
    private @Nullable Thread thread;
    private @Nullable Future<?> deadline;

    /// What is to be done.
    ///
    /// @param limit how long it may take
    public record Order(Json arguments, ToolCall call, Duration limit) {}

    /// A call as the tool sees it.
    public record Call(String id, Optional<String> runId, SessionKey session, Instant deadline) implements ToolCall {}

    private ToolRun(Tools.Entry entry, Order order, CoreThreads threads, Hooks hooks) {
        this.entry = entry;
        this.order = order;
        this.threads = threads;
        this.hooks = hooks;
        this.begun = System.nanoTime();
    }

    /// Begins a call; returns at once.
    ///
    /// @param entered a tool whose owner was entered; it is left when the tool's code has ended
    public static ToolRun start(Tools.Entry entered, Order order, CoreThreads threads, Hooks hooks) {
        var run = new ToolRun(entered, order, threads, hooks);
        var _ = run.result.thenAccept(run::tell);
        if (entered.owner().runWaiting(run::work)) {
            run.expireLater();
        } else {
            entered.owner().leave();
            run.result.complete(ToolResult.error("too many calls of plugin '" + entered.owner().id()
                    + "' are at work; try again later"));
        }
        return run;
    }

    private void tell(ToolResult said) {
        hooks.announce(new ToolCalled(order.call().session(), order.call().runId(), name(), said.text(), said.isError(),
                Duration.ofNanos(System.nanoTime() - begun)));
    }

    private synchronized void expireLater() {
        deadline = threads.after(order.limit(), () -> stop(
                "tool '" + name() + "' took longer than " + order.limit().toMillis() + " ms and was stopped"));
        if (result.isDone()) {
            deadline.cancel(false);
        }
    }

    // ---- on a thread of the owner ----

    private void work() {
        try {
            if (begin()) {
                end(answer());
            }
        } finally {
            end(failed());
            entry.owner().leave();
        }
    }

    private synchronized boolean begin() {
        thread = Thread.currentThread();
        return !result.isDone();
    }

    private synchronized void end(ToolResult how) {
        thread = null;
        if (deadline != null) {
            deadline.cancel(false);
        }
        result.complete(how);
    }

    private ToolResult answer() {
        try {
            ToolCall call = order.call();
            Json arguments = arguments(); // gates see what will be done, whatever was asked
            Optional<String> refusal = hooks
                    .refusal(new ToolCalling(call.session(), call.runId(), name(), arguments));
            if (refusal.isPresent()) {
                return error(refusal.get());
            }
            entry.owner().awaitQuiet();
            return masked(written(call(entry.tool(), arguments)));
        } catch (BindException e) {
            return error("invalid arguments of tool '" + name() + "': " + e.forClient());
        } catch (IllegalArgumentException | RpcException e) {
            return error(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            return error("tool '" + name() + "' was interrupted");
        } catch (Throwable e) { // also what a missing class or endless recursion throws
            LOG.log(Level.WARNING, "tool '" + name() + "' of plugin '" + entry.owner().id() + "' failed", e);
            return failed();
        }
    }

    private Json arguments() throws InterruptedException {
        var asked = new ToolCalling(order.call().session(), order.call().runId(), name(), order.arguments());
        return hooks.change(asked, changed -> changed.arguments() instanceof Json.Obj).arguments();
    }

    private ToolResult masked(ToolResult said) throws InterruptedException {
        var writing = new ToolResultWriting(order.call().session(), order.call().runId(), name(), said.text());
        String text = hooks.change(writing, changed -> JsonText.encodedLength(changed.result()) <= MAX_RESULT).result();
        return new ToolResult(text, said.isError());
    }

    private <P> @Nullable Object call(Tool<P> tool, Json arguments) throws Exception {
        if (!(arguments instanceof Json.Obj)) {
            throw new IllegalArgumentException("the arguments of tool '" + name() + "' must be an object");
        }
        Object params = tool.schema().isPresent()
                ? arguments
                : entry.codec().bind(arguments, tool.params().asSubclass(Record.class));
        return tool.handler().call(tool.params().cast(params), order.call());
    }

    private ToolResult written(@Nullable Object said) {
        if (said == null) {
            return ToolResult.of("");
        } else if (said instanceof ToolResult told) {
            return new ToolResult(limited(told.text()), told.isError());
        } else if (said instanceof String text) {
            return ToolResult.of(limited(text));
        }
        try {
            return ToolResult.of(limited(entry.codec().encode(said, MAX_WRITTEN).toString()));
        } catch (TooLargeException e) {
            return error("the result of tool '" + name() + "' is larger than " + (MAX_WRITTEN >> 20) + " MiB");
        } catch (IllegalArgumentException e) {
            LOG.log(Level.WARNING, "the result of tool '" + name() + "' has no JSON form", e);
            return failed();
        }
    }

    private ToolResult failed() {
        return error("tool '" + name() + "' failed; the gateway's log says why");
    }

    private static ToolResult error(String text) {
        return ToolResult.error(limited(text));
    }

    private static String limited(String text) {
        String whole = JsonText.wellFormed(text);
        String kept = JsonText.fitting(whole, MAX_RESULT);
        return kept.length() == whole.length()
                ? whole
                : kept + "\n[cut here: these are the first " + kept.length() + " of " + whole.length()
                        + " characters]";
    }

    private String name() {
        return entry.name();
    }

    // ---- for whoever asked ----

    /// Ends the call for whoever waits, and tells the tool to stop.
    ///
    /// @param why what the result says
    public void stop(String why) {
        if (!result.complete(ToolResult.error(why))) {
            return;
        }
        synchronized (this) {
            if (deadline != null) {
                deadline.cancel(false);
            }
            if (thread == null) {
                return;
            }
            thread.interrupt();
        }
        var _ = threads.after(PATIENCE, () -> {
            if (isAtWork()) {
                LOG.log(Level.WARNING, "tool '" + name() + "' of plugin '" + entry.owner().id() + "' was stopped "
                        + PATIENCE.toSeconds() + " s ago, but still works");
            }
        });
    }

    private synchronized boolean isAtWork() {
        return thread != null;
    }

    /// What comes of it; never fails. Completed on any thread, so whatever follows belongs on one of the asker's.
    public CompletionStage<ToolResult> result() {
        return result;
    }

    /// Waits for what the tool says; an interrupted wait stops the tool.
    ToolResult await() throws InterruptedException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            stop("the run was aborted");
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
