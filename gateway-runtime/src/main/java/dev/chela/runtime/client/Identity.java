package dev.chela.runtime.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.chela.api.json.Json;
import dev.chela.runtime.auth.Ed25519;
import dev.chela.runtime.protocol.Hello;

import org.jspecify.annotations.Nullable;

/// Who a client says it is.
///
/// @param id one of the protocol's client ids
/// @param mode one of the protocol's modes
/// @param role `operator` or `node`
/// @param scopes what it asks for
/// @param token the shared token; null if it has none
/// @param password the shared password; null if it has none
/// @param deviceSeed the seed of its device key, 32 bytes; null to connect without a device
/// @param minProtocol the oldest protocol it speaks
/// @param maxProtocol the newest
/// @param place where it is in its events, to get those it misses; null if it does not care
public record Identity(String id, String mode, String role, List<String> scopes, @Nullable String token,
        @Nullable String password, byte @Nullable [] deviceSeed, int minProtocol, int maxProtocol,
        @Nullable Place place) {

    /// The gateway's own command line.
    public static Identity cli(@Nullable String token, @Nullable String password) {
        return new Identity("cli", "cli", "operator",
                List.of("operator.admin", "operator.approvals", "operator.pairing"), token, password, null, 4, 4,
                null);
    }

    /// The same with other scopes.
    public Identity asking(List<String> otherScopes) {
        return new Identity(id, mode, role, otherScopes, token, password, deviceSeed, minProtocol, maxProtocol, place);
    }

    /// The same with a device.
    public Identity withDevice(byte[] seed) {
        return new Identity(id, mode, role, scopes, token, password, seed, minProtocol, maxProtocol, place);
    }

    /// The same as another program.
    public Identity as(String otherId, String otherMode, String otherRole) {
        return new Identity(otherId, otherMode, otherRole, scopes, token, password, deviceSeed, minProtocol,
                maxProtocol, place);
    }

    /// The same speaking other protocols.
    public Identity speaking(int min, int max) {
        return new Identity(id, mode, role, scopes, token, password, deviceSeed, min, max, place);
    }

    /// The same, getting the events it misses from a place on; [Place#START] to begin.
    public Identity readingOnFrom(Place newPlace) {
        return new Identity(id, mode, role, scopes, token, password, deviceSeed, minProtocol, maxProtocol, newPlace);
    }

    /// The params of `connect`.
    ///
    /// @param nonce the challenge's
    /// @param nowMs the time of the challenge
    public Json params(String version, String nonce, long nowMs) {
        Map<String, Object> client = new LinkedHashMap<>();
        client.put("id", id);
        client.put("version", version);
        client.put("platform", "java");
        client.put("mode", mode);
        Map<String, Object> auth = new LinkedHashMap<>();
        if (token != null) {
            auth.put("token", token);
        }
        if (password != null) {
            auth.put("password", password);
        }
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("minProtocol", minProtocol);
        params.put("maxProtocol", maxProtocol);
        params.put("client", client);
        params.put("role", role);
        params.put("scopes", scopes);
        params.put("caps", place == null ? List.of() : List.of(Hello.EVENT_RESUME));
        params.put("auth", auth);
        if (deviceSeed != null) {
            params.put("device", device(deviceSeed, nonce, nowMs));
        }
        if (place != null && !place.handle().isEmpty()) {
            params.put("resume", Map.of("handle", place.handle(), "offset", place.offset()));
        }
        return Json.of(params);
    }

    private Map<String, Object> device(byte[] seed, String nonce, long nowMs) {
        byte[] key = Ed25519.publicKey(seed);
        String deviceId = deviceId(key);
        List<String> fields = new ArrayList<>(List.of("v2", deviceId, id, mode, role, String.join(",", scopes),
                Long.toString(nowMs), token == null ? "" : token, nonce));
        byte[] signature = Ed25519.sign(seed, String.join("|", fields).getBytes(StandardCharsets.UTF_8));
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return Map.of("id", deviceId, "publicKey", base64.encodeToString(key), "signature",
                base64.encodeToString(signature), "signedAt", nowMs, "nonce", nonce);
    }

    private static String deviceId(byte[] key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
