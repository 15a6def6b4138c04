package dev.chela.api.rpc;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/// A method that clients call: its name, who may call it, the form of its params and the code that answers.
///
/// The same declaration feeds the list advertised at the handshake, the scope check, the binding of params and the
/// generated reference. Immutable.
///
/// @param <P> the record that the params are bound to; a component that is not `@Nullable` is required, an unknown
///     member is refused unless the record is [dev.chela.api.json.Open]
public final class Method<P extends Record> {

    /// How long a short method may take when it says nothing else.
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(60);

    /// The longest any call may take.
    public static final Duration MAX_TIME_LIMIT = Duration.ofDays(7);

    /// Answers a call. Runs on a thread of its own, may block, is interrupted at the call's deadline.
    ///
    /// @param <P> the params
    @FunctionalInterface
    public interface Handler<P extends Record> {

        /// Answers one call.
        ///
        /// @return the payload: a record, map, list, string, number, [dev.chela.api.json.Json] or null, nested at will;
        ///     enums are written by name, times as ISO 8601, bytes as Base64, empty optionals and null components not at
        ///     all. What has no JSON form or does not fit into a frame is answered as `UNAVAILABLE`
        /// @throws RpcException with what the client is to be told
        /// @throws Exception anything else: the client is told `UNAVAILABLE`, the log gets the rest
        @Nullable
        Object call(P params, Call call) throws Exception;
    }

    private final String name;
    private final Role role;
    private final Need<P> need;
    private final Class<P> params;
    private final Handler<P> handler;
    private final Limits<P> limits;

    private record Need<P>(@Nullable Scope always, @Nullable Function<P, Scope> byParams) {}

    private record Limits<P>(Duration time, boolean waits, @Nullable Function<P, String> lane) {}

    private Method(String name, Role role, Need<P> need, Class<P> params, Handler<P> handler, Limits<P> limits) {
        this.name = name;
        this.role = role;
        this.need = need;
        this.params = params;
        this.handler = handler;
        this.limits = limits;
    }

    /// A method for operators who hold one scope.
    ///
    /// @param name `family.verb`; letters, digits, dots, dashes and underscores, at most 128
    /// @param scope required; null is refused when the plugin registers
    public static <P extends Record> Method<P> of(String name, @Nullable Scope scope, Class<P> params,
            Handler<P> handler) {
        return new Method<>(name, Role.OPERATOR, new Need<>(scope, null), params, handler, standard());
    }

    /// A method for operators whose required scope depends on the params.
    public static <P extends Record> Method<P> of(String name, Function<P, Scope> scope, Class<P> params,
            Handler<P> handler) {
        return new Method<>(name, Role.OPERATOR, new Need<>(null, scope), params, handler, standard());
    }

    /// A method for nodes, which need no scope; operators may not call it, whatever they hold.
    public static <P extends Record> Method<P> forNodes(String name, Class<P> params, Handler<P> handler) {
        return new Method<>(name, Role.NODE, new Need<>(Scope.WRITE, null), params, handler, standard());
    }

    private static <P> Limits<P> standard() {
        return new Limits<>(DEFAULT_TIME_LIMIT, false, null);
    }

    /// The same method in lanes: calls with the same lane key run one after the other, in order of arrival;
    /// a call with an empty key takes none.
    public Method<P> inLane(Function<P, String> key) {
        return new Method<>(name, role, need, params, handler, new Limits<>(limits.time, limits.waits, key));
    }

    /// The same method with another time limit, which counts from the arrival of the call.
    ///
    /// @throws IllegalArgumentException if it is not from 1 ms to [#MAX_TIME_LIMIT]
    public Method<P> within(Duration limit) {
        return new Method<>(name, role, need, params, handler,
                new Limits<>(checked(limit), limits.waits, limits.lane));
    }

    /// The same method as one that mostly waits, for a person or another machine. It does not count against the
    /// plugin's short calls.
    ///
    /// @throws IllegalArgumentException if the limit is not from 1 ms to [#MAX_TIME_LIMIT]
    public Method<P> waiting(Duration limit) {
        return new Method<>(name, role, need, params, handler, new Limits<>(checked(limit), true, limits.lane));
    }

    private static Duration checked(Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(MAX_TIME_LIMIT) > 0) {
            throw new IllegalArgumentException("a time limit must be from 1 ms to 7 days: " + limit);
        }
        return limit;
    }

    /// The name clients call.
    public String name() {
        return name;
    }

    /// Who calls it at all.
    public Role role() {
        return role;
    }

    /// Whether a scope was declared; a method without one is refused.
    public boolean hasScope() {
        return need.always != null || need.byParams != null;
    }

    /// The scope every call needs; empty if it depends on the params.
    public Optional<Scope> fixedScope() {
        return Optional.ofNullable(need.always);
    }

    /// The scope a call with these params needs.
    ///
    /// @throws IllegalStateException if none was declared
    public Scope scope(P params) {
        if (need.byParams != null) {
            return need.byParams.apply(params);
        }
        return fixedScope().orElseThrow(() -> new IllegalStateException("method '" + name + "' has no scope"));
    }

    /// The record that params are bound to.
    public Class<P> params() {
        return params;
    }

    /// The code that answers.
    public Handler<P> handler() {
        return handler;
    }

    /// How long a call may take.
    public Duration timeLimit() {
        return limits.time;
    }

    /// Whether calls mostly wait.
    public boolean waits() {
        return limits.waits;
    }

    /// The key of the lane a call with these params takes; empty if calls run side by side.
    public Optional<String> lane(P params) {
        return Optional.ofNullable(limits.lane).map(key -> key.apply(params));
    }

    /// Whether calls take lanes at all.
    public boolean hasLane() {
        return limits.lane != null;
    }
}
