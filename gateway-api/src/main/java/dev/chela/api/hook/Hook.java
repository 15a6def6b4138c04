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

    /// The longest a hook may take.
    public static final Duration MAX_TIME_LIMIT = Duration.ofMinutes(1);

    /// What a hook does at its moment; one kind each for watching, and later for changing, claiming and refusing.
    ///
    /// @param <E> the moment
    public sealed interface Code<E extends Record> permits Observer {}

    /// Watches a moment; what it does changes nothing about it.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Observer<E extends Record> extends Code<E> {

        /// May block; interrupted at the hook's time limit.
        void on(E moment) throws Exception;
    }

    private final Class<E> moment;
    private final int priority;
    private final Duration timeLimit;
    private final Code<E> code;

    private Hook(Class<E> moment, int priority, Duration timeLimit, Code<E> code) {
        this.moment = moment;
        this.priority = priority;
        this.timeLimit = timeLimit;
        this.code = code;
    }

    /// A hook that watches.
    public static <E extends Record> Hook<E> observe(Class<E> moment, Observer<E> observer) {
        return new Hook<>(moment, 0, DEFAULT_TIME_LIMIT, observer);
    }

    /// The same hook with another priority; 0 is the default, higher runs earlier.
    public Hook<E> priority(int priority) {
        return new Hook<>(moment, priority, timeLimit, code);
    }

    /// The same hook with another time limit, waiting for its turn included.
    ///
    /// @throws IllegalArgumentException if it is not from 1 ms to [#MAX_TIME_LIMIT]
    public Hook<E> within(Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(MAX_TIME_LIMIT) > 0) {
            throw new IllegalArgumentException("a time limit must be from 1 ms to 1 minute: " + limit);
        }
        return new Hook<>(moment, priority, limit, code);
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
    public Code<E> code() {
        return code;
    }
}
