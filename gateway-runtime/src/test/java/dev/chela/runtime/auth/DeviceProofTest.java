package dev.chela.runtime.auth;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

import dev.chela.runtime.auth.DeviceProof.Circumstances;
import dev.chela.runtime.auth.DeviceProof.Flaw;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Dialect;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/// The vector was computed from the seed 00..1f by independent code whose signatures both official releases accept.
class DeviceProofTest {

    private static final String ID = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c";
    private static final String KEY = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg";
    private static final String NONCE = "6f1c0c3e-8f0c-4f57-9d3e-0a1b2c3d4e5f";
    private static final long SIGNED = 1_737_264_000_000L;
    private static final String V1 = "sDEinH77loD5z6H4a2fsUb-CFx448JicLYt22VArPszxDtq7f7U0gH9ByCfGDbI1s2Et3uFcyFt63qYrv33zCg";
    private static final String V2 = "knI_EZVfpeGc5Wm_tEl8IswW9ex4PQyE2exX1g0lMMai2bXFPwc7HxJXS9M-F6wIxJ0M4XBWuONHjXq7SkqtCQ";
    private static final String V3 = "AZy2xtkcbY71vKubpf1GGb92LlMFFRM5jdEDKT-Ig61y9mS1YGi_6yJ7wLvHkEHrGTMBaXkKP-kcsW5bnF3GDg";

    private static Optional<Flaw> check(String id, String key, String signature, String nonce, String scopes,
            Circumstances now) {
        ConnectParams params = new JsonCodec().bind(JsonText.of("""
                {"minProtocol":3,"maxProtocol":4,"client":{"id":"cli","version":"1","platform":"linux","mode":"cli",
                 "deviceFamily":" Linux "},"role":"operator","scopes":[%s],"auth":{"token":"tok"},
                 "device":{"id":"%s","publicKey":"%s","signature":"%s","signedAt":%d,"nonce":"%s"}}"""
                .formatted(scopes, id, key, signature, SIGNED, nonce)), ConnectParams.class);
        return DeviceProof.check(params, Objects.requireNonNull(params.device()), now);
    }

    private static Optional<Flaw> check(String signature, String nonce, Circumstances now) {
        return check(ID, KEY, signature, nonce, "\"operator.read\",\"operator.write\"", now);
    }

    private static Circumstances now(Dialect dialect, long offsetMs, boolean local) {
        return new Circumstances(dialect, NONCE, SIGNED + offsetMs, local);
    }

    private static final Circumstances THEN = now(Dialect.V4, 0, true);

    @Test
    void acceptsTheNewerPayloadsWithTheChallenge() {
        assertEquals(Optional.empty(), check(V2, NONCE, THEN));
        assertEquals(Optional.empty(), check(V3, " " + NONCE + " ", THEN));
    }

    @Test
    void acceptsBothAlphabetsOfBase64() {
        String standard = V2.replace('-', '+').replace('_', '/') + "==";
        assertEquals(Optional.empty(), check(ID, KEY.replace('_', '/') + "=", standard, NONCE,
                "\"operator.read\",\"operator.write\"", THEN));
    }

    @Test
    void acceptsTheOldestPayloadOnlyFromThisMachineInProtocol3() {
        assertEquals(Optional.empty(), check(V1, "", now(Dialect.V3, 0, true)));
        assertEquals(Optional.of(Flaw.NO_NONCE), check(V1, "", now(Dialect.V3, 0, false)));
        assertEquals(Optional.of(Flaw.NO_NONCE), check(V1, "", now(Dialect.V4, 0, true)));
    }

    @Test
    void refusesAnotherOrderOfScopes() {
        assertEquals(Optional.of(Flaw.SIGNATURE),
                check(ID, KEY, V2, NONCE, "\"operator.write\",\"operator.read\"", THEN));
    }

    @Test
    void refusesAnIdThatIsNotTheKeysHash() {
        assertEquals(Optional.of(Flaw.ID), check(ID.replace('5', '6'), KEY, V2, NONCE, "", THEN));
        assertEquals(Optional.of(Flaw.ID), check(ID, "not base64!", V2, NONCE, "", THEN));
    }

    @Test
    void allowsClocksToDifferAsMuchAsTheProtocolSays() {
        assertEquals(Optional.empty(), check(V2, NONCE, now(Dialect.V4, Duration.ofMinutes(2).toMillis(), true)));
        assertEquals(Optional.of(Flaw.STALE),
                check(V2, NONCE, now(Dialect.V4, Duration.ofMinutes(2).toMillis() + 1, true)));
        assertEquals(Optional.empty(), check(V2, NONCE, now(Dialect.V3, -Duration.ofMinutes(10).toMillis(), true)));
    }

    @Test
    void refusesAnotherConnectionsChallenge() {
        assertEquals(Optional.of(Flaw.NONCE), check(V2, "other", THEN));
    }

    @Test
    void refusesWhatWasNotSigned() {
        assertEquals(Optional.of(Flaw.SIGNATURE), check(V1, NONCE, THEN));
        assertEquals(Optional.of(Flaw.SIGNATURE), check("c2hvcnQ", NONCE, THEN));
    }
}
