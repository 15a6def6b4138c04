package dev.chela.api.hook;

import java.time.Duration;

/// Code that runs at a moment of the gateway's life.
///
/// Hooks of one moment run by priority, the higher first, equal ones in order of registration. One that throws or
/// exceeds its time is named in the log and does not hinder the others. Immutable.
///
/// @param <E> the moment, one of the records of this package
public final class Hook<E extends Record> {

    /// How long a hook may take when it says nothing else.
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(5);

    /// Watches a moment; what it does changes nothing about it.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public interface Observer<E extends Record> {

        /// May block; interrupted at the hook's time limit.
        void on(E moment) throws Exception;
    }

    private final Class<E> moment;
    private final int priority;
    private final Duration timeLimit;
    private final Observer<E> observer;

    private Hook(Class<E> moment, int priority, Duration timeLimit, Observer<E> observer) {
        this.moment = moment;
        this.priority = priority;
        this.timeLimit = timeLimit;
        this.observer = observer;
    }

    /// A hook that watches.
    public static <E extends Record> Hook<E> observe(Class<E> moment, Observer<E> observer) {
        return new Hook<>(moment, 0, DEFAULT_TIME_LIMIT, observer);
    }

    /// The same hook with another priority; 0 is the default, higher runs earlier.
    public Hook<E> priority(int priority) {
        return new Hook<>(moment, priority, timeLimit, observer);
    }

    /// The same hook with another time limit.
    public Hook<E> within(Duration limit) {
        return new Hook<>(moment, priority, limit, observer);
    }

    /// The moment.
    public Class<E> moment() {
        return moment;
    }

    /// Higher runs earlier.
    public int priority() {
        return priority;
    }

    /// How long it may take.
    public Duration timeLimit() {
        return timeLimit;
    }

    /// The code.
    public Observer<E> observer() {
        return observer;
    }
}
