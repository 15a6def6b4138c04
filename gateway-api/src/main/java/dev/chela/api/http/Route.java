package dev.chela.api.http;

import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/// A path on the gateway's port and the code that answers there. Immutable.
///
/// Core paths (`/health…`, `/ready…`, `/startup…`, `/hooks`, `/tools`, `/v1`) can't be taken. Under `/api/channels/`
/// the gateway asks for its own authentication even where the door is open.
public final class Route {

    /// The largest body of a POST route that does not say, in bytes.
    public static final long DEFAULT_MAX_BODY = 1 << 20;
    /// The largest body any route may take, in bytes.
    public static final long MAX_BODY = 64 << 20;
    /// How long an answer may take when the route says nothing else.
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(60);
    /// The longest any answer may take.
    public static final Duration MAX_TIME_LIMIT = Duration.ofDays(1);

    /// Answers a request. Runs on a thread of its own, may block, is interrupted at the route's time limit.
    @FunctionalInterface
    public interface Handler {

        /// Answers one request.
        ///
        /// @throws Exception anything: the client is told 500, the log gets the rest
        void handle(Exchange exchange) throws Exception;
    }

    private final String path;
    private final boolean prefix;
    private final Set<String> methods;
    private final @Nullable Door door;
    private final Limits limits;
    private final Handler handler;

    private record Limits(long body, Duration time, boolean waits) {}

    private Route(String path, boolean prefix, Set<String> methods, @Nullable Door door, Limits limits,
            Handler handler) {
        this.path = path;
        this.prefix = prefix;
        this.methods = methods;
        this.door = door;
        this.limits = limits;
        this.handler = handler;
    }

    /// A route for any HTTP methods, with bodies of up to [#DEFAULT_MAX_BODY].
    ///
    /// @param methods upper case; any other is answered 405
    /// @param path canonical: starts with a slash, no escapes, lower case, no slash at the end
    /// @param door who may use it; null is refused when the plugin registers
    public static Route of(Set<String> methods, String path, @Nullable Door door, Handler handler) {
        return new Route(path, false, Set.copyOf(methods), door,
                new Limits(DEFAULT_MAX_BODY, DEFAULT_TIME_LIMIT, false), handler);
    }

    /// A route for GET and HEAD of one path, without a body.
    public static Route get(String path, @Nullable Door door, Handler handler) {
        return of(Set.of("GET", "HEAD"), path, door, handler).withBody(0);
    }

    /// A route for POST to one path.
    public static Route post(String path, @Nullable Door door, Handler handler) {
        return of(Set.of("POST"), path, door, handler);
    }

    /// The same route for everything below its path, too.
    public Route andBelow() {
        return new Route(path, true, methods, door, limits, handler);
    }

    /// The same route with another largest body.
    ///
    /// @throws IllegalArgumentException if it is not from 0 to [#MAX_BODY]
    public Route withBody(long bytes) {
        if (bytes < 0 || bytes > MAX_BODY) {
            throw new IllegalArgumentException("a body limit must be from 0 to " + MAX_BODY + " bytes: " + bytes);
        }
        return with(new Limits(bytes, limits.time, limits.waits));
    }

    /// The same route with another time limit, which counts from the arrival of the request's head.
    ///
    /// @throws IllegalArgumentException if it is not from 1 ms to [#MAX_TIME_LIMIT]
    public Route within(Duration limit) {
        return with(new Limits(limits.body, checked(limit), limits.waits));
    }

    /// The same route as one that mostly waits, such as one that streams what grows elsewhere. It does not count
    /// against the plugin's short work.
    ///
    /// @throws IllegalArgumentException if the limit is not from 1 ms to [#MAX_TIME_LIMIT]
    public Route waiting(Duration limit) {
        return with(new Limits(limits.body, checked(limit), true));
    }

    private Route with(Limits other) {
        return new Route(path, prefix, methods, door, other, handler);
    }

    private static Duration checked(Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(MAX_TIME_LIMIT) > 0) {
            throw new IllegalArgumentException("a time limit must be from 1 ms to 1 day: " + limit);
        }
        return limit;
    }

    /// The path.
    public String path() {
        return path;
    }

    /// Whether everything below the path belongs to the route, too.
    public boolean prefix() {
        return prefix;
    }

    /// The HTTP methods, upper case.
    public Set<String> methods() {
        return methods;
    }

    /// Who may use it; a route without a door is refused.
    public @Nullable Door door() {
        return door;
    }

    /// The largest body in bytes.
    public long maxBody() {
        return limits.body;
    }

    /// How long an answer may take.
    public Duration timeLimit() {
        return limits.time;
    }

    /// Whether it mostly waits.
    public boolean waits() {
        return limits.waits;
    }

    /// The code that answers.
    public Handler handler() {
        return handler;
    }
}
