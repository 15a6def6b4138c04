package dev.chela.runtime.channel;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

import dev.chela.api.channel.ChannelException;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.lifecycle.Owner;

/// A question to a channel's code, on a thread of its plugin: answered when that thread is done or the time is up. Nobody
/// waits for it on a thread of the core, so that code that hangs keeps nobody else waiting. Safe for all threads.
final class Question<T> {

    private static final System.Logger LOG = System.getLogger("channels");

    private final Registered registered;
    private final CoreThreads threads;
    private final FutureTask<T> task;
    private final CompletableFuture<Asked<T>> answer = new CompletableFuture<>();
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private final long begunAt = System.nanoTime();

    private Question(Registered registered, CoreThreads threads, Callable<T> code) {
        this.registered = registered;
        this.threads = threads;
        this.task = new FutureTask<>(() -> {
            try {
                registered.owner().awaitQuiet();
                return code.call();
            } finally {
                left.complete(null); // before the answer is out: who has it may ask again
            }
        }) {
            @Override
            protected void done() {
                answer.complete(outcome());
            }
        };
    }

    /// Asks it.
    static <T> Question<T> ask(Registered registered, CoreThreads threads, Duration limit, Callable<T> code) {
        var question = new Question<T>(registered, threads, code);
        question.begin(limit);
        return question;
    }

    private void begin(Duration limit) {
        Owner owner = registered.owner();
        boolean entered = owner.enter();
        boolean begun = entered && owner.runWaiting(() -> {
            try {
                task.run();
            } finally {
                left.complete(null);
                owner.leave();
            }
        });
        if (begun) {
            Future<?> timer = threads.after(limit, () -> task.cancel(true));
            var _ = answer.thenRun(() -> timer.cancel(false));
            return;
        } else if (entered) {
            owner.leave();
        }
        left.complete(null);
        answer.complete(Asked.undone("too much code of the plugin is at work already", 0));
    }

    /// What comes of it; never fails. Completed on a thread of the plugin or the timer: hand on what takes time.
    CompletableFuture<Asked<T>> answer() {
        return answer;
    }

    /// The same for somebody who may be less patient than the first asker.
    CompletableFuture<Asked<T>> answerWithin(Duration limit) {
        CompletableFuture<Asked<T>> mine = answer.copy();
        Future<?> timer = threads.after(limit, () -> mine.complete(Asked.failed(late(limit.toMillis()), ms())));
        var _ = mine.thenRun(() -> timer.cancel(false));
        return mine;
    }

    /// Completed once its code has come back, however long that takes.
    CompletableFuture<Void> left() {
        return left;
    }

    private Asked<T> outcome() {
        return switch (task.state()) {
            case SUCCESS -> {
                T said = task.resultNow();
                yield said == null ? Asked.failed("the channel says nothing", ms()) : Asked.answered(said, ms());
            }
            case FAILED -> failed(task.exceptionNow());
            case CANCELLED, RUNNING -> Asked.failed(late(ms()), ms());
        };
    }

    private Asked<T> failed(Throwable thrown) {
        LOG.log(Level.DEBUG, "channel '" + registered.id() + "' failed to answer", thrown);
        boolean passing = thrown instanceof ChannelException e && !e.isLasting();
        return passing ? Asked.undone(Mishap.told(thrown), ms()) : Asked.failed(Mishap.told(thrown), ms());
    }

    private static String late(long ms) {
        return "it took longer than " + ms + " ms";
    }

    private long ms() {
        return (System.nanoTime() - begunAt) / 1_000_000;
    }
}
