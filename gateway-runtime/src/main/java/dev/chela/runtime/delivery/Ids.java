package dev.chela.runtime.delivery;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import dev.chela.runtime.store.Fingerprint;

/// How the ids that services give to people and chats are compared and written. Services choose them freely, so that none is
/// ever put between colons as it is: two different ones would give one key.
final class Ids {

    /// The longest part of a key that one id becomes.
    static final int MAX_PART = 128;

    private static final int KEPT = 60;
    private static final String MARKS = "_.@+-";
    /// What besides may stand in a text that people read; no blank and no bracket, which tell names from ids.
    private static final String READABLE = MARKS + ":/#!=";

    private Ids() {}

    /// Without the difference of `A` and `a`. Only ASCII is folded: by the rules of Unicode other letters become these as well.
    static String fold(String id) {
        var folded = new StringBuilder(id.length());
        id.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c)));
        return folded.toString();
    }

    /// Whether two ids mean the same.
    static boolean same(String one, String other) {
        return fold(one).equals(fold(other));
    }

    /// An id as a part of a session's key: numbers and ordinary names stay, all else is written as `%` and two digits. What
    /// gets too long ends in `~` and a hash.
    static String part(String id) {
        String folded = fold(id);
        String part = escaped(folded, MARKS);
        return part.length() <= MAX_PART ? part : part.substring(0, KEPT) + "~" + hash(folded);
    }

    /// An id as a part of another id, where capital letters count.
    static String exact(String id) {
        return escaped(id, MARKS);
    }

    /// An id as people and models read it: one word without brackets.
    static String readable(String id) {
        return escaped(id, READABLE);
    }

    private static String escaped(String id, String kept) {
        var escaped = new StringBuilder(id.length());
        for (byte one : id.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (one & 0xff);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || kept.indexOf(c) >= 0);
            if (plain) {
                escaped.append(c);
            } else {
                escaped.append('%').append(HexFormat.of().toHexDigits(one));
            }
        }
        return escaped.toString();
    }

    /// Stands for a text that is too long.
    static String hash(String text) {
        return Fingerprint.of(text);
    }
}
