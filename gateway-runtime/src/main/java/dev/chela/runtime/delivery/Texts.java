package dev.chela.runtime.delivery;

import java.util.ArrayList;
import java.util.List;

/// Divides long texts into messages: between paragraphs if it can, else between lines, else between words.
final class Texts {

    private static final List<String> GAPS = List.of("\n\n", "\n", " ");

    private Texts() {}

    /// The parts of a text, none longer than the limit in UTF-16 units; none at all if the text is blank.
    static List<String> parts(String text, int limit) {
        List<String> parts = new ArrayList<>();
        String rest = text.strip();
        while (rest.length() > limit) {
            int end = end(rest, limit);
            parts.add(rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).strip();
        }
        if (!rest.isEmpty()) {
            parts.add(rest);
        }
        return parts;
    }

    /// A gap in the first half would make many small messages of a text that has long paragraphs.
    private static int end(String text, int limit) {
        for (String gap : GAPS) {
            int at = text.lastIndexOf(gap, limit);
            if (at >= limit / 2) {
                return at;
            }
        }
        return Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    }
}
