package dev.chela.runtime.bench;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

import dev.chela.runtime.auth.Ed25519;

/// A device key that lives as long as the measurement.
final class Device {

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final byte[] seed = new byte[32];
    private final String id;
    private final String publicKey;

    Device() {
        new SecureRandom().nextBytes(seed);
        byte[] key = Ed25519.publicKey(seed);
        publicKey = BASE64.encodeToString(key);
        try {
            id = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The key's hash.
    String id() {
        return id;
    }

    /// The key.
    String publicKey() {
        return publicKey;
    }

    /// Signs a text.
    String sign(String text) {
        return BASE64.encodeToString(Ed25519.sign(seed, text.getBytes(StandardCharsets.UTF_8)));
    }
}
