package dev.chela.api.hook;

import java.time.Duration;
import java.util.Optional;

/// Code that runs at a moment of the gateway's life.
///
/// There are five kinds. [#observe] watches. [#modify] changes what is about to happen, each hook seeing what the one
/// before made of it. [#gate] may refuse it. [#claim] may do it instead. [#sync] changes what is about to be written down
/// and must be quick. Which kinds a moment has is said at its record; a hook of another kind is refused when the plugin
/// registers.
///
/// Hooks of one moment and kind run by priority, the higher first, equal ones in order of registration. One that throws or
/// exceeds its time is named in the log and cut off, and does not hinder the others: what it would have changed or claimed
/// stays as it is. A gate that fails refuses. Immutable.
///
/// @param <E> the moment, one of the records of this package
public final class Hook<E extends Record> {

    /// How long a hook that watches may take when it says nothing else.
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(5);

    /// How long a hook that changes, refuses or claims may take when it says nothing else.
    public static final Duration DECISION_TIME_LIMIT = Duration.ofSeconds(15);

    /// How long a [#sync] hook may take at most, and when it says nothing else.
    public static final Duration SYNC_TIME_LIMIT = Duration.ofSeconds(1);

    /// The longest a hook may take.
    public static final Duration MAX_TIME_LIMIT = Duration.ofMinutes(1);

    /// What a hook does at its moment.
    ///
    /// @param <E> the moment
    public sealed interface Code<E extends Record> permits Observer, Modifier, Gate, Claimer, Sync {}

    /// Watches a moment; what it does changes nothing about it. Observers of one moment run side by side, after it.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Observer<E extends Record> extends Code<E> {

        /// May block; interrupted at the hook's time limit.
        void on(E moment) throws Exception;
    }

    /// Changes what is about to happen.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Modifier<E extends Record> extends Code<E> {

        /// Returns what is to happen instead, or the moment as it is. May block; interrupted at the hook's time limit.
        E change(E moment) throws Exception;
    }

    /// May refuse what is about to happen.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Gate<E extends Record> extends Code<E> {

        /// Returns why it may not happen; empty if this gate has nothing against it. The first refusal counts. May block;
        /// interrupted at the hook's time limit. A gate that throws or takes too long refuses.
        Optional<String> check(E moment) throws Exception;
    }

    /// May do what is about to happen instead.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Claimer<E extends Record> extends Code<E> {

        /// Returns what came of it if this hook has done it; empty to leave it to the next. The first one counts. May
        /// block; interrupted at the hook's time limit.
        Optional<String> claim(E moment) throws Exception;
    }

    /// Changes what is about to be written down, in the way of everything that waits for that.
    ///
    /// @param <E> the moment
    @FunctionalInterface
    public non-sealed interface Sync<E extends Record> extends Code<E> {

        /// Returns what is to be written instead, or the moment as it is. Must not block; interrupted at the hook's time
        /// limit.
        E change(E moment) throws Exception;
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

    /// A hook that changes what is about to happen.
    public static <E extends Record> Hook<E> modify(Class<E> moment, Modifier<E> modifier) {
        return new Hook<>(moment, 0, DECISION_TIME_LIMIT, modifier);
    }

    /// A hook that may refuse what is about to happen.
    public static <E extends Record> Hook<E> gate(Class<E> moment, Gate<E> gate) {
        return new Hook<>(moment, 0, DECISION_TIME_LIMIT, gate);
    }

    /// A hook that may do what is about to happen instead.
    public static <E extends Record> Hook<E> claim(Class<E> moment, Claimer<E> claimer) {
        return new Hook<>(moment, 0, DECISION_TIME_LIMIT, claimer);
    }

    /// A hook that changes what is about to be written down.
    public static <E extends Record> Hook<E> sync(Class<E> moment, Sync<E> sync) {
        return new Hook<>(moment, 0, SYNC_TIME_LIMIT, sync);
    }

    /// The same hook with another priority; 0 is the default, higher runs earlier.
    public Hook<E> priority(int priority) {
        return new Hook<>(moment, priority, timeLimit, code);
    }

    /// The same hook with another time limit, waiting for its turn included.
    ///
    /// @throws IllegalArgumentException if it is not from 1 ms to [#MAX_TIME_LIMIT], or to [#SYNC_TIME_LIMIT] for [#sync]
    public Hook<E> within(Duration limit) {
        Duration longest = code instanceof Sync ? SYNC_TIME_LIMIT : MAX_TIME_LIMIT;
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(longest) > 0) {
            throw new IllegalArgumentException("a time limit must be from 1 ms to " + longest.toMillis() + " ms: "
                    + limit);
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
