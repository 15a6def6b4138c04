package dev.chela.runtime.transport;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;

/// Lets only what RFC 6455 section 4.2.1 calls a handshake become a WebSocket.
final class UpgradeGate {

    static final HttpString KEY = new HttpString("Sec-WebSocket-Key");
    static final HttpString ACCEPT = new HttpString("Sec-WebSocket-Accept");
    static final HttpString VERSION = new HttpString("Sec-WebSocket-Version");

    /// Why a request is no handshake.
    record Refusal(int status, String header, String value) {

        Refusal(int status) {
            this(status, "", "");
        }
    }

    private UpgradeGate() {}

    /// Whether the request wants to be a WebSocket, rightly or not. Other upgrades, such as the `h2c` that HTTP clients
    /// offer with every request, are not taken up, and the request is answered as it is.
    static boolean asks(HttpServerExchange exchange) {
        return tokens(exchange, Headers.UPGRADE).contains("websocket") || exchange.getRequestHeaders().contains(KEY);
    }

    /// What is wrong with the handshake; empty if nothing.
    static Optional<Refusal> check(HttpServerExchange exchange) {
        if (!tokens(exchange, Headers.UPGRADE).equals(List.of("websocket"))
                || !tokens(exchange, Headers.CONNECTION).contains("upgrade")) {
            return Optional.of(new Refusal(400));
        } else if (!exchange.getRequestMethod().equals(Methods.GET)) {
            return Optional.of(new Refusal(405, "Allow", "GET"));
        } else if (!exchange.getProtocol().equals(Protocols.HTTP_1_1)
                || exchange.getRequestHeaders().count(Headers.HOST) != 1) {
            return Optional.of(new Refusal(400));
        } else if (!values(exchange, VERSION).equals(List.of("13"))) {
            return Optional.of(new Refusal(426, "Sec-WebSocket-Version", "13"));
        }
        List<String> keys = values(exchange, KEY);
        return keys.size() == 1 && isKey(keys.getFirst()) ? Optional.empty() : Optional.of(new Refusal(400));
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<String> values(HttpServerExchange exchange, HttpString name) {
        HeaderValues values = exchange.getRequestHeaders().get(name);
        return values == null ? List.of() : values.stream().map(String::strip).toList();
    }

    private static List<String> tokens(HttpServerExchange exchange, HttpString name) {
        return values(exchange, name).stream().flatMap(value -> Stream.of(value.split(","))).map(String::strip)
                .map(token -> token.toLowerCase(Locale.ROOT)).filter(token -> !token.isEmpty()).toList();
    }
}
