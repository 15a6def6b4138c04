package dev.chela.runtime.client;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

import dev.chela.api.json.Json;
import dev.chela.runtime.json.JsonBuffer;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.protocol.Version;

import org.jspecify.annotations.Nullable;

/// A client of a gateway that speaks the protocol; blocking, for the command line and for tests. Safe for all threads.
public final class GatewayClient implements AutoCloseable {

    private static final String CONNECT = "connect";

    private final HttpClient http;
    private final WebSocket socket;
    private final Receiver receiver;
    private final Json hello;
    private final AtomicLong ids = new AtomicLong();

    private GatewayClient(HttpClient http, WebSocket socket, Receiver receiver, Json hello) {
        this.http = http;
        this.socket = socket;
        this.receiver = receiver;
        this.hello = hello;
    }

    /// How a connection ended.
    public record Closed(int code, String reason) {}

    /// What came of asking for missed events.
    ///
    /// @param recovered whether they come
    /// @param reason why they do not; empty if they do, or were not asked for
    public record Recovery(boolean recovered, String reason) {}

    /// Connects and shakes hands.
    ///
    /// @throws ClientException if the gateway can't be reached or refuses
    public static GatewayClient connect(URI uri, Identity identity, Duration timeout)
            throws ClientException, InterruptedException {
        return connect(uri, identity, timeout, (_, _) -> {});
    }

    /// Connects and shakes hands, and hands over events from the first one on: those that were missed since the identity's
    /// place, if it has one, and the gateway can.
    ///
    /// @param events takes name and payload of each event; must not block
    /// @throws ClientException if the gateway can't be reached or refuses
    public static GatewayClient connect(URI uri, Identity identity, Duration timeout, BiConsumer<String, Json> events)
            throws ClientException, InterruptedException {
        var receiver = new Receiver(new Reading(identity.place(), events));
        HttpClient http = HttpClient.newBuilder().connectTimeout(timeout).build();
        try {
            WebSocket socket = await(http.newWebSocketBuilder().connectTimeout(timeout).buildAsync(uri, receiver),
                    timeout, uri);
            Json challenge = await(receiver.challenge, timeout, uri);
            Json params = identity.params(Version.CURRENT.product(), challenge.text("nonce").orElse(""),
                    challenge.whole("ts").orElse(0L));
            Json hello = call(socket, receiver, CONNECT, CONNECT, params).get(timeout);
            return new GatewayClient(http, socket, receiver, hello);
        } catch (ClientException | InterruptedException e) {
            http.shutdownNow();
            throw e;
        }
    }

    private static <T> T await(CompletableFuture<T> future, Duration timeout, URI uri)
            throws ClientException, InterruptedException {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ClientException("", "no gateway answered at " + uri + " within " + timeout.toMillis() + " ms",
                    null);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String what = switch (cause) {
                case WebSocketHandshakeException refused -> "it answered " + refused.getResponse().statusCode();
                case ConnectException _ when cause.getMessage() == null -> "connection refused";
                default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            };
            throw cause instanceof ClientException known
                    ? known
                    : new ClientException("", "no gateway can be reached at " + uri + " (" + what + ")", null);
        }
    }

    /// What the gateway told at the handshake.
    public Json hello() {
        return hello;
    }

    /// What came of asking for missed events.
    public Recovery recovery() {
        Json resume = hello.at("resume").orElse(Json.Null.VALUE);
        return new Recovery(resume.flag("recovered").orElse(false), resume.text("reason").orElse(""));
    }

    /// Where the client is in its events; empty if the gateway does not count them.
    public Optional<Place> place() {
        return receiver.reading.place();
    }

    /// Ends the connection as a lost network does: without a word, and without another event.
    public void cut() {
        receiver.reading.stop();
        socket.abort();
        http.shutdownNow();
    }

    /// Calls a method and waits for its (first) answer.
    ///
    /// @throws ClientException with the gateway's error, or if none came in time
    public Json call(String method, Json params, Duration timeout) throws ClientException, InterruptedException {
        return begin(method, params).get(timeout);
    }

    /// Calls a method.
    public Pending begin(String method, Json params) {
        return call(socket, receiver, Long.toString(ids.incrementAndGet()), method, params);
    }

    /// Calls a method without params and waits for its answer.
    ///
    /// @throws ClientException with the gateway's error, or if none came in time
    public Json call(String method) throws ClientException, InterruptedException {
        return call(method, new Json.Obj(Map.of()), Duration.ofSeconds(30));
    }

    private static Pending call(WebSocket socket, Receiver receiver, String id, String method, Json params) {
        var pending = new Pending(method);
        receiver.pending.put(id, pending);
        JsonText text = new JsonCodec().encode(params);
        byte[] frame = new JsonBuffer(64 + text.length()).raw("{\"type\":\"req\",\"id\":").text(id)
                .raw(",\"method\":").text(method).raw(",\"params\":").raw(text).raw("}").toBytes();
        receiver.send(socket, new String(frame, StandardCharsets.UTF_8));
        return pending;
    }

    /// Sends text as it is.
    public void send(String text) {
        receiver.send(socket, text);
    }

    /// Waits until the gateway closes the connection.
    public Closed awaitClose(Duration timeout) throws ClientException, InterruptedException {
        return await(receiver.closed, timeout, URI.create("ws://connected"));
    }

    @Override
    public void close() {
        var _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "").orTimeout(1, TimeUnit.SECONDS)
                .whenComplete((_, _) -> {
                    socket.abort();
                    http.shutdownNow();
                });
    }

    /// A call whose answers are on their way.
    public static final class Pending {

        private final String method;
        private final BlockingQueue<Json> answers = new LinkedBlockingQueue<>();

        private Pending(String method) {
            this.method = method;
        }

        /// Waits for the next answer.
        ///
        /// @throws ClientException with the gateway's error, or if none came in time
        public Json get(Duration timeout) throws ClientException, InterruptedException {
            Json answer = answers.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null) {
                throw new ClientException("", method + " was not answered within " + timeout.toMillis() + " ms", null);
            } else if (answer.flag("ok").orElse(false)) {
                return answer.at("payload").orElse(Json.Null.VALUE);
            }
            Json error = answer.at("error").orElse(Json.Null.VALUE);
            throw new ClientException(error.text("code").orElse(""), error.text("message").orElse("failed"),
                    error.at("details").orElse(null));
        }
    }

    /// Takes what the gateway sends and hands it on.
    private static final class Receiver implements WebSocket.Listener {

        private final Reading reading;
        private final Map<String, Pending> pending = new ConcurrentHashMap<>();
        private final CompletableFuture<Json> challenge = new CompletableFuture<>();
        private final CompletableFuture<Closed> closed = new CompletableFuture<>();
        private final StringBuilder partial = new StringBuilder();
        private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

        Receiver(Reading reading) {
            this.reading = reading;
        }

        /// The JDK refuses a second send before the first has ended.
        synchronized void send(WebSocket socket, String text) {
            sent = sent.thenCompose(_ -> socket.sendText(text, true));
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                String whole = partial.toString();
                partial.setLength(0);
                frame(socket, JsonCodec.read(JsonText.of(whole)));
            }
            socket.request(1);
            return null;
        }

        private void frame(WebSocket socket, Json frame) {
            String type = frame.text("type").orElse("");
            if (type.equals("event")) {
                event(socket, frame);
            } else if (type.equals("res")) {
                String id = frame.text("id").orElse("");
                if (id.equals(CONNECT)) {
                    reading.begin(frame.at("payload").orElse(Json.Null.VALUE));
                }
                Pending call = pending.get(id);
                if (call != null) {
                    call.answers.add(frame);
                }
            }
        }

        private void event(WebSocket socket, Json frame) {
            if (frame.text("event").orElse("").equals("connect.challenge")) {
                challenge.complete(frame.at("payload").orElse(Json.Null.VALUE));
                return;
            }
            String wrong = reading.take(frame);
            if (!wrong.isEmpty()) {
                end(new Closed(1002, wrong));
                socket.abort();
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end(new Closed(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end(new Closed(1006, String.valueOf(error.getMessage())));
        }

        private void end(Closed how) {
            closed.complete(how);
            challenge.completeExceptionally(new ClientException("", "the gateway closed the connection (" + how.code()
                    + " " + how.reason() + ")", null));
            Json failure = Json.of(Map.of("ok", false, "error", Map.of("code", "", "message",
                    "the gateway closed the connection (" + how.code() + " " + how.reason() + ")")));
            pending.values().forEach(call -> call.answers.add(failure));
        }
    }
}
