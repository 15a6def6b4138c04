package dev.chela.runtime.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that are known to be one well-formed JSON value; a slice, not a copy.
///
/// @param bytes UTF-8; nobody may change them any more
/// @param from the first byte
/// @param to behind the last byte
public record JsonText(byte[] bytes, int from, int to) {

    /// An empty object.
    public static final JsonText EMPTY = of("{}");

    /// The value null.
    public static final JsonText NULL = of("null");

    /// All of these bytes.
    public static JsonText of(byte[] bytes) {
        return new JsonText(bytes, 0, bytes.length);
    }

    /// The bytes of this text.
    public static JsonText of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// How many bytes a text takes as a JSON string, without its quotes.
    public static long encodedLength(String text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            length += encodedLength(text.charAt(i));
        }
        return length;
    }

    private static int encodedLength(char c) {
        if (c < 0x20) {
            return c == '\n' || c == '\t' || c == '\r' || c == '\b' || c == '\f' ? 2 : 6;
        } else if (c == '"' || c == '\\') {
            return 2;
        } else if (c < 0x80) {
            return 1;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }

    /// The beginning of a text that takes at most so many bytes as a JSON string; no character is cut in two.
    public static String fitting(String text, long max) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            length += encodedLength(text.charAt(i));
            if (length > max) {
                return cut(text, i);
            }
        }
        return text;
    }

    /// The text with every half of a character, which no encoding can carry, replaced by U+FFFD. Clients that cut a text
    /// anywhere send such halves.
    public static String wellFormed(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            mended = mended == null ? new StringBuilder(text) : mended;
            mended.setCharAt(i, '\uFFFD');
        }
        return mended == null ? text : mended.toString();
    }

    /// The beginning of a text, at most so many UTF-16 units; no character is cut in two, since JSON cannot
    /// carry half of one.
    public static String cut(String text, int max) {
        if (text.length() <= max) {
            return text;
        }
        return text.substring(0, max > 0 && Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max);
    }

    /// How many bytes it has.
    public int length() {
        return to - from;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonText text && Arrays.equals(bytes, from, to, text.bytes, text.from, text.to);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
