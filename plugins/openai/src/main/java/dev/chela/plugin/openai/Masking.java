package dev.chela.plugin.openai;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.chela.api.config.Secret;

import org.jspecify.annotations.Nullable;

/// Takes keys out of what providers say; many repeat the key they refuse, whole or in parts.
final class Masking {

    private static final String MASK = "***";
    private static final int MAX_LENGTH = 4096;
    /// A part of the key that is as long as this gives it away.
    private static final int TELLING = 6;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.*+/=~-]{6,}");
    private static final Pattern LIKE_A_KEY = Pattern.compile("(sk|pk|rk|gsk|xai|key)[-_].*|.*\\*{2,}.*");

    private Masking() {}

    /// Masks the key, parts of it and everything that looks like one; cuts what is very long.
    static String mask(String text, @Nullable Secret key) {
        String shorter = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
        String secret = key == null ? "" : key.value();
        String whole = secret.isEmpty() ? shorter : shorter.replace(secret, MASK);
        return WORD.matcher(whole).replaceAll(word -> LIKE_A_KEY.matcher(word.group()).matches()
                || tells(word.group(), secret)
                        ? Matcher.quoteReplacement(MASK)
                        : Matcher.quoteReplacement(word.group()));
    }

    private static boolean tells(String word, String secret) {
        for (int i = 0; i + TELLING <= secret.length(); i++) {
            if (word.contains(secret.substring(i, i + TELLING))) {
                return true;
            }
        }
        return false;
    }
}
