package dev.chela.runtime.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.ConnectParams.Device;
import dev.chela.runtime.protocol.Dialect;

import org.jspecify.annotations.Nullable;

/// Checks that a client holds the private key of the device it says it is.
public final class DeviceProof {

    /// How far a device's clock may be off, by protocol.
    static final Duration SKEW_V4 = Duration.ofMinutes(2);
    static final Duration SKEW_V3 = Duration.ofMinutes(10);

    /// Why a proof was refused; the texts are compared by clients.
    public enum Flaw {
        /// The id is not the key's hash.
        ID("device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH", "device-id-mismatch"),
        /// Signed too long ago, or in the future.
        STALE("device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED", "device-signature-stale"),
        /// The challenge is missing.
        NO_NONCE("device nonce required", "DEVICE_AUTH_NONCE_REQUIRED", "device-nonce-missing"),
        /// Somebody else's challenge.
        NONCE("device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH", "device-nonce-mismatch"),
        /// Not signed with this key.
        SIGNATURE("device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID", "device-signature");

        private final String message;
        private final String code;
        private final String reason;

        Flaw(String message, String code, String reason) {
            this.message = message;
            this.code = code;
            this.reason = reason;
        }

        /// For the client and the close frame.
        public String message() {
            return message;
        }

        /// `details.code` of protocol 4.
        public String code() {
            return code;
        }

        /// `details.reason` of protocol 4.
        public String reason() {
            return reason;
        }
    }

    /// What the server knows at the moment of the check.
    ///
    /// @param nonce this connection's challenge
    /// @param nowMs the time
    /// @param local whether the request came straight from this machine
    public record Circumstances(Dialect dialect, String nonce, long nowMs, boolean local) {}

    private DeviceProof() {}

    /// Checks id, time, challenge and signature, in this order.
    ///
    /// @return the first flaw; empty if the proof holds
    public static Optional<Flaw> check(ConnectParams params, Device device, Circumstances now) {
        byte[] key = decode(device.publicKey());
        if (key == null || key.length != Ed25519.KEY_SIZE || !hash(key).equals(device.id())) {
            return Optional.of(Flaw.ID);
        }
        Duration skew = now.dialect() == Dialect.V4 ? SKEW_V4 : SKEW_V3;
        if (Math.abs(now.nowMs() - device.signedAt()) > skew.toMillis()) {
            return Optional.of(Flaw.STALE);
        }
        String nonce = device.nonce() == null ? "" : device.nonce().strip();
        boolean first = nonce.isEmpty() && now.dialect() == Dialect.V3 && now.local();
        if (nonce.isEmpty() && !first) {
            return Optional.of(Flaw.NO_NONCE);
        } else if (!first && !nonce.equals(now.nonce())) {
            return Optional.of(Flaw.NONCE);
        }
        byte[] signature = decode(device.signature());
        List<String> texts = first
                ? List.of(v1(params, device))
                : List.of(v3(params, device, nonce),
                        v2(params, device, nonce));
        boolean signed = signature != null && signature.length == Ed25519.SIGNATURE_SIZE
                && texts.stream()
                        .anyMatch(text -> Ed25519.verify(key, text.getBytes(StandardCharsets.UTF_8), signature));
        return signed ? Optional.empty() : Optional.of(Flaw.SIGNATURE);
    }

    static String v1(ConnectParams params, Device device) {
        return "v1|" + common(params, device);
    }

    static String v2(ConnectParams params, Device device, String nonce) {
        return "v2|" + common(params, device) + "|" + nonce;
    }

    static String v3(ConnectParams params, Device device, String nonce) {
        return "v3|" + common(params, device) + "|" + nonce + "|" + lower(params.client().platform()) + "|"
                + lower(params.client().deviceFamily());
    }

    private static String common(ConnectParams params, Device device) {
        return String.join("|", device.id(), params.client().id(), params.client().mode(), params.role(),
                String.join(",", params.scopes()), Long.toString(device.signedAt()), params.auth().signedToken());
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
    }

    /// Both alphabets of base64 are in use.
    private static byte @Nullable [] decode(String text) {
        try {
            String url = text.strip().replace('+', '-').replace('/', '_').replace("=", "");
            return Base64.getUrlDecoder().decode(url);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String hash(byte[] key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
