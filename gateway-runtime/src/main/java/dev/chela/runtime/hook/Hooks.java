package dev.chela.runtime.hook;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.chela.api.hook.Hook;
import dev.chela.runtime.hook.Moments.Kind;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.lifecycle.Owner;

import org.jspecify.annotations.Nullable;

/// Calls the hooks of plugins at their moments, each in isolation and within its time. Safe for all threads; those that
/// call [#change], [#refusal] and [#claimed] wait for the hooks.
public final class Hooks {

    private static final System.Logger LOG = System.getLogger("hooks");
    /// The longest reason a gate gives, in UTF-16 units.
    private static final int MAX_REASON = 1000;

    private final BiFunction<Duration, Runnable, Future<?>> timer;
    private volatile Map<Class<? extends Record>, List<Registered>> hooks = Map.of();

    /// A hook and the plugin it came with.
    ///
    /// @param timeLimit how long it may take: its own limit, or the operator's
    public record Registered(Hook<?> hook, Owner owner, Duration timeLimit) {}

    /// No hook yet.
    ///
    /// @param timer runs something quick after a while
    public Hooks(BiFunction<Duration, Runnable, Future<?>> timer) {
        this.timer = timer;
    }

    /// Replaces all hooks; the order of equal priorities is that of the list.
    public void replace(List<Registered> registered) {
        Comparator<Registered> order = Comparator.comparingInt((Registered entry) -> entry.hook().priority())
                .reversed();
        hooks = registered.stream().sorted(order)
                .collect(Collectors.groupingBy(entry -> entry.hook().moment(), Collectors.toList()));
    }

    /// Whether anybody has a hook for a moment.
    public boolean has(Class<? extends Record> moment) {
        return hooks.containsKey(moment);
    }

    private List<Registered> of(Class<? extends Record> moment, Kind kind) {
        return hooks.getOrDefault(moment, List.of()).stream().filter(one -> Kind.of(one.hook()) == kind).toList();
    }

    /// Lets everybody know of a moment, one after the other, and waits until all have been told or given up.
    public void tell(Record moment) {
        for (Registered registered : of(moment.getClass(), Kind.OBSERVE)) {
            try {
                var _ = new Call<>(registered, () -> observe(registered.hook(), moment), _ -> true).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// Lets everybody know of a moment and waits for nobody.
    public void announce(Record moment) {
        for (Registered registered : of(moment.getClass(), Kind.OBSERVE)) {
            new Call<>(registered, () -> observe(registered.hook(), moment), _ -> true).send();
        }
    }

    /// Lets plugins change what is about to happen or to be written.
    ///
    /// @param fits whether a change can be taken; what does not fit is dropped and named in the log
    public <E extends Record> E change(E moment, Predicate<E> fits) throws InterruptedException {
        @SuppressWarnings("unchecked")
        var type = (Class<E>) moment.getClass();
        E now = moment;
        for (Registered registered : hooks.getOrDefault(type, List.of())) {
            E before = now;
            now = new Call<>(registered, () -> changed(registered.hook(), type, before), fits).await().orElse(before);
        }
        return now;
    }

    /// Why something may not happen.
    ///
    /// @param isRefusal whether a plugin refused it; otherwise one could not be asked
    public record Verdict(String why, boolean isRefusal) {}

    /// Asks gates whether something may happen.
    ///
    /// @return the plugin that refuses, and why; empty if none does
    public Optional<String> refusal(Record moment) throws InterruptedException {
        return verdict(moment).map(Verdict::why);
    }

    /// The same, and whether it was a refusal.
    public Optional<Verdict> verdict(Record moment) throws InterruptedException {
        for (Registered registered : of(moment.getClass(), Kind.GATE)) {
            String id = registered.owner().id();
            Optional<Optional<String>> said = new Call<>(registered, () -> check(registered.hook(), moment), _ -> true)
                    .await();
            String why = said.isEmpty()
                    ? "its check failed; the gateway's log says why"
                    : said.get().map(reason -> JsonText.cut(reason, MAX_REASON)).orElse(null);
            if (why != null) {
                return Optional.of(new Verdict("plugin '" + id + "' refuses: " + why, said.isPresent()));
            }
        }
        return Optional.empty();
    }

    /// Lets a plugin do what is about to happen.
    ///
    /// @param fits whether what a hook says can be taken
    /// @return what the first one that did says
    public Optional<String> claimed(Record moment, Predicate<String> fits) throws InterruptedException {
        for (Registered registered : of(moment.getClass(), Kind.CLAIM)) {
            Optional<Optional<String>> said = new Call<>(registered, () -> claim(registered.hook(), moment),
                    (Optional<String> text) -> text.filter(fits.negate()).isEmpty()).await();
            if (said.isPresent() && said.get().isPresent()) {
                return said.get();
            }
        }
        return Optional.empty();
    }

    // ---- the code of plugins, on their threads ----

    @SuppressWarnings("unchecked")
    private static <E extends Record> Hook.Code<E> code(Hook<?> hook) {
        return (Hook.Code<E>) hook.code(); // it is only called for moments of its class
    }

    private static boolean observe(Hook<?> hook, Record moment) throws Exception {
        if (code(hook) instanceof Hook.Observer<Record> observer) {
            observer.on(moment);
        }
        return true;
    }

    private static <E extends Record> E changed(Hook<?> hook, Class<E> type, E moment) throws Exception {
        return switch (Hooks.<E>code(hook)) {
            case Hook.Modifier<E> modifier -> type.cast(modifier.change(moment));
            case Hook.Sync<E> sync -> type.cast(sync.change(moment));
            default -> moment;
        };
    }

    private static Optional<String> check(Hook<?> hook, Record moment) throws Exception {
        return code(hook) instanceof Hook.Gate<Record> gate ? gate.check(moment) : Optional.empty();
    }

    private static Optional<String> claim(Hook<?> hook, Record moment) throws Exception {
        return code(hook) instanceof Hook.Claimer<Record> claimer ? claimer.claim(moment) : Optional.empty();
    }

    /// One call of one hook.
    private final class Call<T> {

        private final Hook<?> hook;
        private final Duration timeLimit;
        private final Owner owner;
        private final FutureTask<T> task;
        private final Predicate<T> fits;
        private @Nullable Future<?> watchdog;

        Call(Registered registered, Callable<T> work, Predicate<T> fits) {
            this.hook = registered.hook();
            this.timeLimit = registered.timeLimit();
            this.owner = registered.owner();
            this.task = new FutureTask<>(work);
            this.fits = fits;
        }

        /// @return false if it cannot be called
        private boolean start() {
            if (!owner.enter()) {
                return false;
            }
            boolean taken = owner.runShort(() -> {
                try {
                    task.run();
                    report();
                } finally {
                    owner.leave();
                }
            });
            if (!taken) {
                owner.leave();
                warn("is not called: too much of the plugin's code waits already", null);
            }
            return taken;
        }

        /// Waits for what it says; empty if it cannot be called, fails, takes too long or says what does not fit. One that is
        /// given up while it still waits for its turn is never run.
        Optional<T> await() throws InterruptedException {
            if (!start()) {
                return Optional.empty();
            }
            try {
                return result(task.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS));
            } catch (ExecutionException e) {
                warn("failed", e.getCause());
            } catch (TimeoutException e) {
                cutOff();
            } catch (InterruptedException e) {
                task.cancel(true);
                throw e;
            }
            return Optional.empty();
        }

        private Optional<T> result(@Nullable T said) {
            if (said == null) {
                warn("says nothing where it must say something", null);
            } else if (!isTaken(said)) {
                warn("says what cannot be taken", null);
            } else {
                return Optional.of(said);
            }
            return Optional.empty();
        }

        /// A record of a plugin may hold anything, null included.
        private boolean isTaken(T said) {
            try {
                return fits.test(said);
            } catch (RuntimeException e) {
                return false;
            }
        }

        /// Lets it run without waiting for it, and cuts it off if it takes too long.
        void send() {
            watchdog = timer.apply(timeLimit, this::cutOff);
            if (!start()) {
                watchdog.cancel(false);
            }
        }

        /// Says how one ended that nobody waits for.
        private void report() {
            if (watchdog != null) {
                watchdog.cancel(false);
                if (task.state() == Future.State.FAILED) {
                    warn("failed", task.exceptionNow());
                }
            }
        }

        private void cutOff() {
            if (task.cancel(true)) {
                warn("took longer than " + timeLimit.toMillis() + " ms and was cut off", null);
            }
        }

        private void warn(String what, @Nullable Throwable cause) {
            LOG.log(Level.WARNING, "hook " + Moments.name(hook) + " of plugin '" + owner.id() + "' " + what, cause);
        }
    }
}
