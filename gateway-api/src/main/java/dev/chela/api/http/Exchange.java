package dev.chela.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

import dev.chela.api.rpc.Caller;

/// One HTTP request and its answer. Blocking; used by one thread at a time.
public interface Exchange {

    /// The HTTP method, upper case.
    String method();

    /// The canonical path: decoded once, without dot segments or doubled slashes.
    String path();

    /// The first value of a query parameter, decoded.
    Optional<String> query(String name);

    /// The first value of a header; names are compared without case.
    Optional<String> header(String name);

    /// Who asks, at a route whose door is the gateway's; empty at an open one.
    Optional<Caller> caller();

    /// The body, once all of it has come; waits for that, at most 30 s. Reading past the route's limit ends in an [IOException], and the client is told 413.
    InputStream body() throws IOException;

    /// Answers with a whole body.
    ///
    /// @param contentType such as `application/json; charset=utf-8`
    /// @throws IllegalStateException at a second answer
    void respond(int status, String contentType, byte[] body) throws IOException;

    /// Answers with a body that is written bit by bit; each `flush` sends what there is.
    ///
    /// @throws IllegalStateException at a second answer
    OutputStream stream(int status, Map<String, String> headers) throws IOException;

    /// Answers with text.
    default void text(int status, String text) throws IOException {
        respond(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }
}
