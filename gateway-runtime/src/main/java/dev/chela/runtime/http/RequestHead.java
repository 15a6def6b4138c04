package dev.chela.runtime.http;

import java.util.Optional;

import dev.chela.runtime.auth.Ingress;

/// What is known of a request before its body is read.
public interface RequestHead {

    /// The HTTP method, upper case.
    String method();

    /// The path of the request line, not decoded, without the query.
    String rawPath();

    /// The first value of a header.
    Optional<String> header(String name);

    /// How the request came in.
    Ingress ingress();
}
