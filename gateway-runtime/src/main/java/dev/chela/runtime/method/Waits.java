package dev.chela.runtime.method;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.chela.runtime.dispatch.RpcCall;
import dev.chela.runtime.lifecycle.CoreThreads;
import dev.chela.runtime.run.Run;
import dev.chela.runtime.run.RunEnd;

import org.jspecify.annotations.Nullable;

/// Calls that wait for the end of a run, each until the run ends, its time is up or its client goes. Safe for all threads.
final class Waits {

    /// How many one connection may have.
    static final int MAX = 256;
    /// How many all connections together may have.
    static final int MAX_IN_ALL = 5000;

    private final CoreThreads threads;
    private final Quota quota = new Quota(MAX, MAX_IN_ALL, "waits for runs");

    Waits(CoreThreads threads) {
        this.threads = threads;
    }

    /// Answers the call later.
    ///
    /// @param run what to wait for; empty if nobody knows it, and only the time can end the wait
    /// @param answer makes the payload of how the run ended; empty if the time was up first
    void add(RpcCall call, Optional<Run> run, Duration longest, Function<Optional<RunEnd>, Object> answer) {
        quota.take(call.line().id());
        call.later();
        new Wait(call, run.orElse(null), answer).start(longest);
    }

    private final class Wait {

        private final RpcCall call;
        private final @Nullable Run run;
        private final Function<Optional<RunEnd>, Object> answer;
        private final Consumer<RunEnd> waiter = this::runEnded;
        private @Nullable Future<?> timer;
        private @Nullable Runnable parting;
        private boolean done;

        Wait(RpcCall call, @Nullable Run run, Function<Optional<RunEnd>, Object> answer) {
            this.call = call;
            this.run = run;
            this.answer = answer;
        }

        void start(Duration longest) {
            synchronized (this) {
                timer = threads.after(longest, () -> {
                    if (end()) {
                        threads.drainers().execute(() -> call.succeed(answer.apply(Optional.empty())));
                    }
                });
                parting = call.line().whenGone(this::end);
            }
            if (run != null) {
                run.whenEnded(waiter);
                if (isDone()) {
                    run.forget(waiter); // its time was up, or its client gone, before it was added
                }
            }
        }

        private synchronized boolean isDone() {
            return done;
        }

        private void runEnded(RunEnd end) {
            if (end()) {
                call.succeed(answer.apply(Optional.of(end)));
            }
        }

        /// @return whether it was this that ended it
        private boolean end() {
            synchronized (this) {
                if (done) {
                    return false;
                }
                done = true;
                release();
            }
            if (run != null) {
                run.forget(waiter);
            }
            quota.giveBack(call.line().id());
            return true;
        }

        private void release() {
            if (timer != null) {
                timer.cancel(false);
            }
            if (parting != null) {
                parting.run();
            }
        }
    }
}
