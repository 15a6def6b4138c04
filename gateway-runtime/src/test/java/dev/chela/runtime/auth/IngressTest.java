package dev.chela.runtime.auth;

import java.net.InetAddress;
import java.util.List;

import dev.chela.runtime.auth.OriginPolicy.Verdict;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class IngressTest {

    private static Ingress from(String peer, String host, @Nullable String origin) {
        return new Ingress(InetAddress.ofLiteral(peer), host, origin, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:18789", "127.0.0.1:1", "127.8.9.1", "[::1]:18789", "::1"})
    void countsNamesOfThisMachineAsLocal(String host) {
        assertTrue(from("127.0.0.1", host, null).isLocalDirect());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1",
            "gateway.example", "[::2]", "0.0.0.0"})
    void countsNoOtherName(String host) {
        assertFalse(from("127.0.0.1", host, null).isLocalDirect());
    }

    @Test
    void looksAtTheSocketAndNotAtClaims() {
        assertFalse(from("192.0.2.1", "localhost", null).isLocalDirect());
        assertFalse(new Ingress(InetAddress.ofLiteral("127.0.0.1"), "localhost", null, true).isLocalDirect());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded", "X-Real-IP", "x-forwarded-for", "X-Forwarded-Anything",
            "Tailscale-User-Login"})
    void knowsTheHeadersOfProxies(String name) {
        assertTrue(Ingress.isProxyHeader(name));
        assertFalse(Ingress.isProxyHeader("Host"));
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:18789,127.0.0.1:18789,OWN", "http://localhost:18789/,localhost:18789,OWN",
            "http://localhost:5173,127.0.0.1:18789,TOLERATED", "https://ui.example,127.0.0.1:18789,OWN",
            "https://UI.EXAMPLE,127.0.0.1:18789,OWN", "https://evil.example,127.0.0.1:18789,FOREIGN",
            "https://evil.example,evil.example,FOREIGN", "null,127.0.0.1:18789,FOREIGN",
            "http://user@127.0.0.1:18789,127.0.0.1:18789,FOREIGN", "http://127.0.0.1:18789/x,127.0.0.1:18789,FOREIGN",
            "http://127.evil.example:1,127.0.0.1:18789,FOREIGN", "http://[::1]:9,[::1]:18789,TOLERATED"})
    void judgesPagesByTheirOrigin(String origin, String host, Verdict verdict) {
        var policy = new OriginPolicy(List.of("https://ui.example"));
        assertEquals(verdict, policy.judge(from("127.0.0.1", host, origin)));
    }

    @Test
    void trustsAPrivateNameAsTheGatewaysOwnOnly() {
        var policy = new OriginPolicy(List.of());
        assertEquals(Verdict.OWN, policy.judge(from("192.168.1.9", "192.168.1.2:1", "http://192.168.1.2:1")));
        assertEquals(Verdict.FOREIGN, policy.judge(from("192.0.2.9", "gw.example:1", "http://gw.example:1")));
        assertEquals(Verdict.FOREIGN, policy.judge(from("192.0.2.9", "localhost:1", "http://localhost:1")));
        assertEquals(Verdict.NO_PAGE, policy.judge(from("192.0.2.9", "x", " ")));
    }

    @Test
    void comparesSecretsWholly() {
        var secret = new SharedSecret(SharedSecret.Mode.TOKEN, "grüße");
        assertTrue(secret.matches("grüße"));
        assertFalse(secret.matches("grüß") || secret.matches("") || secret.matches(null) || secret.matches("grusse"));
    }
}
