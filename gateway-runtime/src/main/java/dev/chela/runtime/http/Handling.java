package dev.chela.runtime.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import dev.chela.api.http.Route;
import dev.chela.api.rpc.Caller;
import dev.chela.runtime.lifecycle.Owner;

import org.jspecify.annotations.Nullable;

/// What is to be done with a request.
public sealed interface Handling {

    /// Answer at once.
    record Answer(int status, Map<String, String> headers, byte[] body) implements Handling {

        /// JSON that no cache may keep.
        static Answer json(int status, String json) {
            return new Answer(status, Map.of("Content-Type", "application/json; charset=utf-8", "Cache-Control",
                    "no-store"), json.getBytes(StandardCharsets.UTF_8));
        }

        /// Plain text.
        static Answer text(int status, String text) {
            return new Answer(status, Map.of("Content-Type", "text/plain; charset=utf-8"),
                    text.getBytes(StandardCharsets.UTF_8));
        }

        /// The same with one header more.
        Answer with(String name, String value) {
            Map<String, String> more = new HashMap<>(headers);
            more.put(name, value);
            return new Answer(status, more, body);
        }
    }

    /// Let a plugin's route answer. Its owner has been entered; whoever runs it leaves.
    ///
    /// @param path the canonical path
    /// @param caller who asks; null at an open door
    record Run(Route route, Owner owner, String path, @Nullable Caller caller) implements Handling {}
}
