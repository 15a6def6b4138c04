package dev.chela.api.http;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/// A path on the gateway's port and the code that answers there.
///
/// Core paths (`/health…`, `/ready…`, `/startup…`, `/hooks`, `/tools`, `/v1`) can't be taken. Under `/api/channels/`
/// the gateway asks for its own authentication even where the door is open.
///
/// @param path canonical: starts with a slash, no escapes, lower case, no slash at the end
/// @param prefix whether everything below the path belongs to the route, too
/// @param methods the HTTP methods, upper case; any other is answered 405
/// @param door who may use it; required
/// @param maxBody the largest body in bytes
/// @param handler runs on a thread of its own and may block
public record Route(String path, boolean prefix, Set<String> methods, @Nullable Door door, long maxBody,
        Handler handler) {

    /// The largest body of a route that does not say.
    public static final long DEFAULT_MAX_BODY = 1 << 20;

    /// Copies the methods.
    public Route {
        methods = Set.copyOf(methods);
    }

    /// Answers a request.
    @FunctionalInterface
    public interface Handler {

        /// Answers one request.
        ///
        /// @throws Exception anything: the client is told 500, the log gets the rest
        void handle(Exchange exchange) throws Exception;
    }

    /// A route for GET and HEAD of one path.
    public static Route get(String path, @Nullable Door door, Handler handler) {
        return new Route(path, false, Set.of("GET", "HEAD"), door, 0, handler);
    }

    /// A route for POST to one path.
    public static Route post(String path, @Nullable Door door, Handler handler) {
        return new Route(path, false, Set.of("POST"), door, DEFAULT_MAX_BODY, handler);
    }

    /// The same route for everything below its path, too.
    public Route andBelow() {
        return new Route(path, true, methods, door, maxBody, handler);
    }

    /// The same route with another largest body.
    public Route withBody(long bytes) {
        return new Route(path, prefix, methods, door, bytes, handler);
    }
}
