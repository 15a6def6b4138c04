package dev.chela.plugin.mcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonReader;
import dev.chela.runtime.json.JsonText;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/// An MCP server on a port.
final class FakeHttp implements AutoCloseable {

    private final HttpServer server;
    private final FakeProtocol protocol;
    private final AtomicInteger sessions = new AtomicInteger();
    final BlockingQueue<Headers> requests = new LinkedBlockingQueue<>();
    private volatile int status;
    private volatile boolean streams;
    private volatile String session = "";

    FakeHttp(Path folder, int port) throws IOException {
        protocol = new FakeProtocol(folder, _ -> {});
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::take);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/mcp?of=test";
    }

    /// Answers all calls of tools with that status from now on; 0 for what they deserve.
    void refusesWith(int code) {
        status = code;
    }

    /// Answers with a stream of events from now on.
    void streams() {
        streams = true;
    }

    /// Knows no session any more.
    void forgets() {
        session = "forgotten";
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.add(exchange.getRequestHeaders());
            Json message = JsonReader.JSON5.read(JsonText.of(exchange.getRequestBody().readAllBytes()));
            String method = message.text("method").orElse("");
            String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("mcp-session-id")).orElse("");
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
            } else if (status != 0) {
                exchange.getResponseHeaders().add("location", "http://127.0.0.1:1/elsewhere");
                exchange.sendResponseHeaders(status, -1);
            } else if (!method.equals("initialize") && !given.equals(session)) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                answer(exchange, message);
            }
        }
    }

    private void answer(HttpExchange exchange, Json message) throws IOException {
        Optional<Json> answer = protocol.answer(message);
        if (message.text("method").orElse("").equals("initialize")) {
            session = "s" + sessions.incrementAndGet();
            exchange.getResponseHeaders().add("mcp-session-id", session);
        }
        if (answer.isEmpty()) {
            exchange.sendResponseHeaders(202, -1);
            return;
        }
        String text = new JsonCodec().write(answer.get());
        byte[] body = (streams ? "event: message\ndata: " + text + "\n\n" : text).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", streams ? "text/event-stream" : "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
