package dev.chela.runtime.channel;

import dev.chela.api.channel.ChannelException;
import dev.chela.runtime.json.JsonText;

/// What is said of exceptions that a channel's code throws.
final class Mishap {

    private static final int MAX = 500;

    private Mishap() {}

    /// What may be shown of it. Only a [ChannelException] is written for others to read: other messages may hold tokens, as
    /// those of HTTP clients hold the addresses they called.
    static String told(Throwable thrown) {
        if (thrown instanceof ChannelException) {
            return limited(String.valueOf(thrown.getMessage()));
        }
        String name = thrown.getClass().getSimpleName();
        return limited("it failed: " + (name.isEmpty() ? thrown.getClass().getName() : name));
    }

    /// A text of a channel as long as it may be.
    static String limited(String text) {
        return JsonText.cut(JsonText.wellFormed(text), MAX);
    }
}
