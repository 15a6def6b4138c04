package dev.chela.runtime.delivery;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import dev.chela.api.channel.Outbound;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;

import org.jspecify.annotations.Nullable;

/// What is to be sent, in the form it is kept in.
///
/// @param text the text, or the question of a poll
/// @param options of a poll; null if it is none
/// @param openMs how long a poll stays open
record Content(@Nullable String text, @Nullable List<String> media, @Nullable List<String> options,
        @Nullable Integer maxSelections, @Nullable Long openMs) {

    private static final JsonCodec CODEC = new JsonCodec();

    static Content of(Outbound.Content content) {
        return switch (content) {
            case Outbound.Text(var text, var media) -> new Content(text,
                    media.isEmpty() ? null : media.stream().map(URI::toString).toList(), null, null, null);
            case Outbound.Poll(var question, var options, var max, var open) -> new Content(question,
                    null, options, max, open == null ? null : open.toMillis());
        };
    }

    static Content of(String stored) {
        return CODEC.bind(JsonText.of(stored), Content.class);
    }

    String stored() {
        return CODEC.encode(this).toString();
    }

    String words() {
        return text == null ? "" : text;
    }

    boolean hasMedia() {
        return media != null;
    }

    /// The same with other words.
    Content saying(String words) {
        return new Content(words, media, options, maxSelections, openMs);
    }

    Outbound.Content outbound() {
        if (options != null) {
            return new Outbound.Poll(words(), options, maxSelections == null ? 1 : maxSelections,
                    openMs == null ? null : Duration.ofMillis(openMs));
        }
        return new Outbound.Text(words(), media == null ? List.of() : media.stream().map(URI::create).toList());
    }
}
