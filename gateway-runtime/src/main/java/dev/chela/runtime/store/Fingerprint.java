package dev.chela.runtime.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Tells contents and requests from others without keeping them: SHA-256 in hexadecimal digits. What is kept in stores depends
/// on it.
public final class Fingerprint {

    private static final int HALF = 16;

    private Fingerprint() {}

    /// The fingerprint of a content: 64 digits.
    public static String of(byte[] content) {
        return HexFormat.of().formatHex(digest(content));
    }

    /// The fingerprint of a text: 32 digits.
    public static String of(String text) {
        return HexFormat.of().formatHex(digest(text.getBytes(StandardCharsets.UTF_8)), 0, HALF);
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
