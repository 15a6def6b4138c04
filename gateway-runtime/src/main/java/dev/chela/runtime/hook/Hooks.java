package dev.chela.runtime.hook;

import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.chela.api.hook.Hook;
import dev.chela.runtime.lifecycle.Owner;

import org.jspecify.annotations.Nullable;

/// Calls the hooks of plugins at their moments, each in isolation and within its time.
public final class Hooks {

    private static final System.Logger LOG = System.getLogger("hooks");

    private volatile List<Registered> hooks = List.of();

    /// A hook and the plugin it came with.
    public record Registered(Hook<?> hook, Owner owner) {}

    /// Replaces all hooks; the order of equal priorities is that of the list.
    public void replace(List<Registered> registered) {
        hooks = registered.stream()
                .sorted(Comparator.comparingInt((Registered entry) -> entry.hook().priority()).reversed()).toList();
    }

    /// Lets everybody know of a moment, one after the other, and waits until all have been told or given up.
    public <E extends Record> void tell(E moment) {
        for (Registered registered : hooks) {
            if (registered.hook().moment().isInstance(moment)) {
                @SuppressWarnings("unchecked")
                Hook<E> hook = (Hook<E>) registered.hook();
                call(hook, registered.owner(), moment);
            }
        }
    }

    private static <E extends Record> void call(Hook<E> hook, Owner owner, E moment) {
        if (!owner.enter()) {
            return;
        }
        var run = new FutureTask<Void>(() -> {
            observe(hook, moment);
            return null;
        });
        boolean taken = owner.runShort(() -> {
            try {
                run.run();
            } finally {
                owner.leave();
            }
        });
        if (!taken) {
            owner.leave();
            warn(hook, owner, "is not called: too much of the plugin's code waits already", null);
            return;
        }
        await(hook, owner, run);
    }

    private static <E extends Record> void observe(Hook<E> hook, E moment) throws Exception {
        switch (hook.code()) {
            case Hook.Observer<E> observer -> observer.on(moment);
        }
    }

    /// One that is given up while it still waits for its turn is never run.
    private static void await(Hook<?> hook, Owner owner, FutureTask<Void> run) {
        try {
            run.get(hook.timeLimit().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            warn(hook, owner, "failed", e.getCause());
        } catch (TimeoutException e) {
            run.cancel(true);
            warn(hook, owner, "took longer than " + hook.timeLimit().toMillis() + " ms and was cut off", null);
        } catch (InterruptedException e) {
            run.cancel(true);
            Thread.currentThread().interrupt();
        }
    }

    private static void warn(Hook<?> hook, Owner owner, String what, @Nullable Throwable cause) {
        LOG.log(Level.WARNING, "hook " + hook.moment().getSimpleName() + " of plugin '" + owner.id() + "' " + what,
                cause);
    }
}
