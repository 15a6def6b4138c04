package dev.chela.runtime.client;

import dev.chela.api.json.Json;

import org.jspecify.annotations.Nullable;

/// A call or a connection that failed, with what the gateway said.
public final class ClientException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final transient @Nullable Json details;

    /// What went wrong.
    ///
    /// @param code the gateway's error code; empty if it did not answer
    public ClientException(String code, String message, @Nullable Json details) {
        super(message);
        this.code = code;
        this.details = details;
    }

    /// The gateway's error code; empty if it did not answer.
    public String code() {
        return code;
    }

    /// The gateway's details, if it sent any.
    public @Nullable Json details() {
        return details;
    }
}
