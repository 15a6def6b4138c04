package dev.chela.runtime.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Starts parts one after the other and stops them by phase, letting no failure or hanging part hide another.
///
/// Used by one thread at a time; [#close()] may be called twice.
public final class Stages implements AutoCloseable {

    private final List<Stage> started = new ArrayList<>();
    private final Duration stopLimit;

    private record Stage(String name, ClosePhase phase, Action stop) {}

    /// Something that may fail.
    @FunctionalInterface
    public interface Action {

        /// Does it.
        void run() throws Exception;
    }

    /// Something that makes a part.
    ///
    /// @param <T> the part
    @FunctionalInterface
    public interface Starter<T> {

        /// Makes and starts the part.
        T start() throws Exception;
    }

    /// Something that stops a part.
    ///
    /// @param <T> the part
    @FunctionalInterface
    public interface Stopper<T> {

        /// Stops the part; must be safe after a half start.
        void stop(T part) throws Exception;
    }

    /// Nothing is started yet.
    ///
    /// @param stopLimit how long a single part may take to stop before it is left behind
    public Stages(Duration stopLimit) {
        this.stopLimit = stopLimit;
    }

    /// Starts a part; if that fails, stops everything started before, in reverse order, and throws.
    ///
    /// @throws StageException naming the part; failures of stopping are suppressed in it
    public <T> T start(String name, ClosePhase phase, Starter<T> part, Stopper<T> stop) {
        try {
            T value = part.start();
            started.add(new Stage(name, phase, () -> stop.stop(value)));
            return value;
        } catch (Exception e) {
            var failure = new StageException("cannot start " + name, e);
            stop(started.reversed()).forEach(failure::addSuppressed);
            started.clear();
            throw failure;
        }
    }

    /// Makes something that needs no stopping; if that fails, stops everything started before and throws.
    ///
    /// @throws StageException naming the part
    public <T> T start(String name, ClosePhase phase, Starter<T> part) {
        return start(name, phase, part, _ -> {});
    }

    /// Adds a step that only stops something.
    public void onClose(String name, ClosePhase phase, Action stop) {
        started.add(new Stage(name, phase, stop));
    }

    /// Stops every part by phase; each in isolation and within the limit.
    ///
    /// @return one exception per part that failed, naming it; empty if all went well
    public List<StageException> stop() {
        List<Stage> order = new ArrayList<>(started.reversed());
        order.sort(Comparator.comparing(Stage::phase));
        started.clear();
        return stop(order);
    }

    @Override
    public void close() {
        List<StageException> failures = stop();
        if (!failures.isEmpty()) {
            StageException first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    private List<StageException> stop(List<Stage> order) {
        List<StageException> failures = new ArrayList<>();
        for (Stage stage : order) {
            try {
                runBounded(stage);
            } catch (Exception e) {
                failures.add(new StageException("cannot stop " + stage.name() + " (" + stage.phase() + ")", e));
            }
        }
        return failures;
    }

    private void runBounded(Stage stage) throws Exception {
        var task = new FutureTask<Void>(() -> {
            stage.stop().run();
            return null;
        });
        Thread.ofPlatform().name("stop " + stage.name()).daemon().start(task);
        try {
            task.get(stopLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new TimeoutException("still not stopped after " + stopLimit.toMillis() + " ms");
        }
    }
}
