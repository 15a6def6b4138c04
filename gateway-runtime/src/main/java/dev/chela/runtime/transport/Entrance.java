package dev.chela.runtime.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import dev.chela.runtime.auth.Ingress;
import dev.chela.runtime.connection.Connection;
import dev.chela.runtime.connection.Connections;
import dev.chela.runtime.connection.Outbox;
import dev.chela.runtime.http.Handling;
import dev.chela.runtime.http.HttpChain;
import dev.chela.runtime.http.RequestHead;
import dev.chela.runtime.protocol.Limits;
import dev.chela.runtime.websocket.Frames;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;

/// Receives every request on the port: WebSocket handshakes become connections, all others go through the chain.
public final class Entrance implements Port.Door {

    private static final Map<String, String> ALWAYS = Map.of("X-Content-Type-Options", "nosniff", "Referrer-Policy",
            "no-referrer", "Permissions-Policy", "camera=(), microphone=(self), geolocation=()");
    private static final String PROXY_REFUSED = "{\"error\":{\"message\":\"Proxy client attribution is required: this "
            + "request was forwarded by an address that is not trusted\",\"type\":\"proxy_attribution_required\"}}";

    private final Connections connections;
    private final HttpChain chain;
    private final Assembly assembly;
    private final Strangers strangers = new Strangers(Limits.STRANGERS);
    private volatile boolean admitting = true;

    /// An entrance to these connections and this chain.
    public Entrance(Connections connections, HttpChain chain) {
        this.connections = connections;
        this.chain = chain;
        this.assembly = new Assembly(connections.limits().unfinished());
    }

    /// Lets no new connection in.
    public void stopAdmitting() {
        admitting = false;
    }

    @Override
    public HttpHandler handler() {
        return this::receive;
    }

    private void receive(HttpServerExchange exchange) {
        ALWAYS.forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        if (UpgradeGate.asks(exchange)) {
            upgrade(exchange);
            return;
        }
        switch (chain.decide(new Head(exchange))) {
            case Handling.Answer answer -> answerStranger(exchange, answer);
            case Handling.Run run -> UndertowExchange.run(exchange, run);
        }
    }

    private void upgrade(HttpServerExchange exchange) {
        Optional<UpgradeGate.Refusal> refusal = UpgradeGate.check(exchange);
        Ingress ingress = ingress(exchange);
        if (refusal.isPresent()) {
            if (!refusal.get().header().isEmpty()) {
                exchange.getResponseHeaders().put(new HttpString(refusal.get().header()), refusal.get().value());
            }
            refuse(exchange, refusal.get().status(), "text/plain; charset=utf-8", "this is no WebSocket handshake");
        } else if (ingress.proxied()) {
            refuse(exchange, 403, "application/json; charset=utf-8", PROXY_REFUSED);
        } else if (!admitting) {
            refuse(exchange, 503, "text/plain; charset=utf-8", "gateway is stopping");
        } else if (!strangers.mayCome(ingress.peer())) {
            refuse(exchange, 503, "text/plain; charset=utf-8", "Too many unauthenticated sockets");
        } else {
            String key = exchange.getRequestHeaders().getFirst(UpgradeGate.KEY);
            exchange.getResponseHeaders().put(UpgradeGate.ACCEPT, Frames.accept(key.strip()));
            exchange.upgradeChannel("websocket", (socket, done) -> connect(socket, done, ingress));
            exchange.endExchange();
        }
    }

    private void connect(StreamConnection socket, HttpServerExchange exchange, Ingress ingress) {
        strangers.came(ingress.peer());
        Outbox outbox = connections.newOutbox();
        var wire = new SocketWire(socket, exchange.getConnection().getByteBufferPool(), assembly, outbox,
                connections.limits());
        Connection connection = connections.accept(ingress, wire, outbox);
        wire.attach(connection, connections.limits(), () -> strangers.left(ingress.peer()));
        connections.greet(connection);
    }

    private static void refuse(HttpServerExchange exchange, int status, String type, String body) {
        exchange.setPersistent(false);
        exchange.getResponseHeaders().put(Headers.CONNECTION, "close");
        answerStranger(exchange, new Handling.Answer(status, Map.of("Content-Type", type),
                body.getBytes(StandardCharsets.UTF_8)));
    }

    /// Whoever neither sends the body that was announced nor takes the answer is not waited for.
    private static void answerStranger(HttpServerExchange exchange, Handling.Answer answer) {
        XnioExecutor.Key end = exchange.getIoThread().executeAfter(() -> IoUtils.safeClose(exchange.getConnection()),
                Limits.STRANGER_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        exchange.addExchangeCompleteListener((_, next) -> {
            end.remove();
            next.proceed();
        });
        answer(exchange, answer);
    }

    static void answer(HttpServerExchange exchange, Handling.Answer answer) {
        exchange.setStatusCode(answer.status());
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        exchange.getResponseHeaders().put(Headers.CONTENT_LENGTH, answer.body().length);
        exchange.getResponseSender().send(ByteBuffer.wrap(answer.body()));
    }

    static Ingress ingress(HttpServerExchange exchange) {
        boolean proxied = exchange.getRequestHeaders().getHeaderNames().stream()
                .anyMatch(name -> Ingress.isProxyHeader(name.toString()));
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        return new Ingress(exchange.getSourceAddress().getAddress(), host == null ? "" : host,
                exchange.getRequestHeaders().getFirst(Headers.ORIGIN), proxied);
    }

    /// What the chain sees of a request.
    private record Head(HttpServerExchange exchange) implements RequestHead {

        @Override
        public String method() {
            return exchange.getRequestMethod().toString();
        }

        @Override
        public String rawPath() {
            String target = exchange.getRequestURI();
            if (exchange.isHostIncludedInRequestURI()) {
                int path = target.indexOf('/', target.indexOf("://") + 3);
                return path < 0 ? "/" : target.substring(path);
            }
            return target;
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
        }

        @Override
        public Ingress ingress() {
            return Entrance.ingress(exchange);
        }
    }
}
