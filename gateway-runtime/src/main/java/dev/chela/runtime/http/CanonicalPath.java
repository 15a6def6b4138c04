package dev.chela.runtime.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/// The one form of a request's path that both the doors and the handlers see.
///
/// @param path decoded once; no dot segments, no doubled slashes, no slash at the end
/// @param key the same in lower case, for matching
public record CanonicalPath(String path, String key) {

    /// Makes it of the raw target of a request line; empty if it is malformed or tries to hide something: an escaped
    /// slash, backslash, percent or control character.
    public static Optional<CanonicalPath> of(String rawPath) {
        if (!rawPath.startsWith("/")) {
            return Optional.empty();
        }
        return decode(rawPath).filter(CanonicalPath::isPlain).map(CanonicalPath::resolve);
    }

    private static boolean isPlain(String text) {
        return text.chars().noneMatch(c -> c < 0x20 || c == 0x7F || c == '\\' || c == '%');
    }

    private static Optional<String> decode(String raw) {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length() * 3);
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int value = i + 2 < raw.length() ? hex(raw.charAt(i + 1)) * 16 + hex(raw.charAt(i + 2)) : -1;
            if (value < 0 || value == '/') {
                return Optional.empty();
            }
            bytes.put((byte) value);
            i += 2;
        }
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int hex(char c) {
        int digit = Character.digit(c, 16);
        return digit < 0 ? -1000 : digit;
    }

    private static CanonicalPath resolve(String decoded) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : decoded.split("/", -1)) {
            if (segment.equals("..")) {
                segments.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        String path = "/" + String.join("/", segments);
        return new CanonicalPath(path, path.toLowerCase(Locale.ROOT));
    }

    /// Whether it is that path or lies below it.
    boolean isAtOrBelow(String prefix) {
        return key.equals(prefix) || key.startsWith(prefix.endsWith("/") ? prefix : prefix + "/");
    }
}
