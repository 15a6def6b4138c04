package dev.chela.plugin.mcp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpTransportException;
import io.modelcontextprotocol.spec.McpTransportSessionNotFoundException;
import org.jspecify.annotations.Nullable;

/// Says in one sentence what went wrong, out of the layers that the SDK wraps it in.
final class Failures {

    private static final int MAX_SAID = 1000;
    private static final int MAX_LAYERS = 20;

    private Failures() {}

    /// What the SDK says around a failure may hold a whole message, so the innermost words count.
    ///
    /// @param otherwise what is said of a failure that has no words of its own
    static McpException of(Throwable failure, Supplier<String> otherwise) {
        Throwable layer = failure;
        for (int i = 0; i < MAX_LAYERS && layer != null; i++) {
            String known = known(layer);
            if (known != null) {
                return new McpException(known, failure);
            }
            layer = layer.getCause();
        }
        return new McpException(otherwise.get(), failure);
    }

    private static @Nullable String known(Throwable layer) {
        if (layer instanceof McpException own) {
            return own.reason();
        } else if (layer instanceof HttpRefusal refusal) {
            return refusal.getMessage();
        } else if (layer instanceof McpError error && error.getJsonRpcError() != null) {
            return "it refuses: " + cut(error.getJsonRpcError().message()) + " (" + error.getJsonRpcError().code()
                    + ")";
        } else if (layer instanceof McpTransportSessionNotFoundException) {
            return "it does not know us any more; it is asked anew at the next call";
        } else if (layer instanceof TimeoutException || layer instanceof HttpTimeoutException) {
            return "it did not answer in time";
        } else if (layer instanceof ConnectException || layer instanceof UnknownHostException
                || layer instanceof UnresolvedAddressException) {
            return "it cannot be reached";
        } else if (layer instanceof IllegalArgumentException || (layer.getCause() == null
                && (layer instanceof McpTransportException || layer instanceof IOException))) {
            return "it does not keep to the protocol, or the line broke: " + cut(layer.getMessage());
        }
        return null;
    }

    private static String cut(@Nullable String text) {
        String whole = String.valueOf(text);
        return whole.length() <= MAX_SAID ? whole : whole.substring(0, MAX_SAID) + "…";
    }
}
