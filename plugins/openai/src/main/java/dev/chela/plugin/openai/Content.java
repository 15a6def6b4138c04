package dev.chela.plugin.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// The content of one message in the form of requests: words alone are a string, as every provider takes it; with
/// pictures they are a list of parts.
///
/// @param pictures data URLs
record Content(String text, List<String> pictures) {

    static Content of(String text) {
        return new Content(text, List.of());
    }

    boolean isEmpty() {
        return text.isEmpty() && pictures.isEmpty();
    }

    /// The content alone.
    Object told() {
        return pictures.isEmpty() ? text : parts();
    }

    /// The content behind another one in the same message.
    ///
    /// @param before what [#told] or this method gave
    Object behind(@Nullable Object before) {
        if (isEmpty() && before != null) {
            return before;
        } else if (before instanceof String words && pictures.isEmpty()) {
            return words + "\n\n" + text;
        }
        List<Object> all = new ArrayList<>();
        if (before instanceof List<?> parts) {
            all.addAll(parts);
        } else if (before instanceof String words && !words.isEmpty()) {
            all.addAll(of(words).parts());
        }
        all.addAll(parts());
        return all;
    }

    private List<Object> parts() {
        List<Object> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            parts.add(Map.of("type", "text", "text", text));
        }
        pictures.forEach(url -> parts.add(Map.of("type", "image_url", "image_url", Map.of("url", url))));
        return parts;
    }
}
