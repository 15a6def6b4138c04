package dev.chela.runtime.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.chela.api.json.Json;
import dev.chela.runtime.auth.DeviceProof;
import dev.chela.runtime.json.JsonCodec;
import dev.chela.runtime.json.JsonText;
import dev.chela.runtime.log.ConsoleLog;
import dev.chela.runtime.protocol.ConnectParams;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.FrameWriter;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.StreamSourceFrameChannel;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import org.xnio.IoUtils;

/// The least that a server on the same library can cost: it speaks just enough of the wire form to carry the same load,
/// answers everything with fixed bytes, lets everybody in and does no work. For measuring only.
public final class Floor implements AutoCloseable {

    private static final int MAX_MESSAGE = 32 << 20;
    private static final byte[] RESPONSE = Envelope.ascii("{\"type\":\"res\",\"id\":\"");
    private static final byte[] CONNECT = Envelope.ascii("\"method\":\"connect\"");
    private static final byte[] TALK_MODE = Envelope.ascii("\"method\":\"talk.mode\"");
    private static final byte[] PARAMS = Envelope.ascii("\"params\":");
    private static final byte[] EVENT = Envelope.ascii("{\"type\":\"event\",\"event\":\"talk.mode\",\"payload\":");
    private static final byte[] ID = Envelope.ascii("\"id\":\"");
    private static final byte[] REFUSED = Envelope
            .ascii("\",\"ok\":false,\"error\":{\"code\":\"INVALID_REQUEST\",\"message\":\"device proof refused\"}}");
    /// Where a request's id and method stand.
    private static final int HEAD = 160;

    /// What a floor is like.
    ///
    /// @param port 0 takes a free one
    /// @param threads I/O threads
    /// @param shape sizes of its answers
    /// @param verify whether it checks device signatures, which no gateway can leave out
    public record Settings(int port, int threads, Shape shape, boolean verify) {}

    private final Settings settings;
    private final Undertow server;
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final JsonCodec codec = new JsonCodec();
    private final byte[] hello;
    private final byte[] reply;

    private Floor(Settings settings) {
        this.settings = settings;
        this.hello = answer("{\"type\":\"hello-ok\",\"protocol\":4,", settings.shape().hello());
        this.reply = answer("{", settings.shape().reply());
        this.server = Undertow.builder().addHttpListener(settings.port(), "127.0.0.1")
                .setIoThreads(settings.threads()).setWorkerThreads(1)
                .setHandler(Handlers.websocket((_, channel) -> new Line(channel).begin())).build();
    }

    /// Opens one on loopback.
    ///
    /// @throws BenchException if the port cannot be had
    public static Floor open(Settings settings) throws BenchException {
        ConsoleLog.hushLibraries();
        var floor = new Floor(settings);
        try {
            floor.server.start();
        } catch (RuntimeException e) {
            throw new BenchException("the floor cannot listen on port " + settings.port() + ": " + e.getMessage());
        }
        return floor;
    }

    private static byte[] answer(String payload, int size) {
        String rest = "\",\"ok\":true,\"payload\":" + payload + "\"pad\":\"";
        int pad = size - RESPONSE.length - rest.length() - "0\"}}".length();
        return Envelope.ascii(rest + "x".repeat(Math.max(0, pad)) + "\"}}");
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) server.getListenerInfo().getFirst().getAddress()).getPort();
    }

    @Override
    public void close() {
        server.stop();
    }

    /// One client.
    private final class Line extends AbstractReceiveListener {

        private final WebSocketChannel channel;
        private final AtomicBoolean flushDue = new AtomicBoolean();
        private final String nonce = UUID.randomUUID().toString();

        Line(WebSocketChannel channel) {
            this.channel = channel;
        }

        void begin() {
            channel.setRequireExplicitFlush(true);
            channel.addCloseTask(_ -> lines.remove(this));
            channel.getReceiveSetter().set(this);
            channel.resumeReceives();
            send(ByteBuffer.wrap(FrameWriter.challenge(nonce, System.currentTimeMillis())));
        }

        /// Whatever is said in one burst leaves together.
        private void send(ByteBuffer frame) {
            WebSockets.sendText(frame, channel, null);
            flushSoon();
        }

        private void flushSoon() {
            if (flushDue.compareAndSet(false, true)) {
                channel.getIoThread().execute(() -> {
                    flushDue.set(false);
                    channel.flush();
                });
            }
        }

        @Override
        protected void onText(WebSocketChannel from, StreamSourceFrameChannel frame) throws IOException {
            var message = new BufferedBinaryMessage(MAX_MESSAGE, true);
            message.read(frame, new WebSocketCallback<>() {

                @Override
                public void complete(WebSocketChannel source, BufferedBinaryMessage whole) {
                    answer(bytes(whole));
                }

                @Override
                public void onError(WebSocketChannel source, BufferedBinaryMessage whole, Throwable error) {
                    IoUtils.safeClose(source);
                }
            });
        }

        private byte[] bytes(BufferedBinaryMessage whole) {
            try (var pooled = whole.getData()) {
                ByteBuffer[] parts = pooled.getResource();
                byte[] all = new byte[Arrays.stream(parts).mapToInt(ByteBuffer::remaining).sum()];
                int at = 0;
                for (ByteBuffer part : parts) {
                    int count = part.remaining();
                    part.get(all, at, count);
                    at += count;
                }
                return all;
            }
        }

        private void answer(byte[] request) {
            int head = Math.min(HEAD, request.length);
            byte[] rest = reply;
            if (Envelope.behind(CONNECT, request, 0, head) > 0) {
                rest = !settings.verify() || proven(request) ? hello : REFUSED;
                lines.add(this);
            } else if (Envelope.behind(TALK_MODE, request, 0, head) > 0) {
                int params = Math.max(0, Envelope.behind(PARAMS, request, 0, request.length));
                ByteBuffer event = ByteBuffer.allocate(EVENT.length + request.length - params).put(EVENT)
                        .put(request, params, request.length - params).flip();
                lines.forEach(line -> line.send(event.duplicate()));
            }
            int from = Math.max(0, Envelope.behind(ID, request, 0, head));
            int to = from;
            while (to < head && request[to] != '"') {
                to++;
            }
            send(ByteBuffer.allocate(RESPONSE.length + to - from + rest.length).put(RESPONSE)
                    .put(request, from, to - from).put(rest).flip());
        }

        private boolean proven(byte[] request) {
            Json frame = JsonCodec.read(JsonText.of(request));
            ConnectParams params = codec.bind(frame.at("params").orElse(Json.Null.VALUE), ConnectParams.class);
            ConnectParams.Device device = params.device();
            Dialect dialect = params.maxProtocol() >= 4 ? Dialect.V4 : Dialect.V3;
            return device != null && DeviceProof.check(params, device,
                    new DeviceProof.Circumstances(dialect, nonce, System.currentTimeMillis(), true)).isEmpty();
        }

        @Override
        protected void onFullCloseMessage(WebSocketChannel from, BufferedBinaryMessage message) throws IOException {
            super.onFullCloseMessage(from, message);
            flushSoon();
        }

        @Override
        protected void onFullPingMessage(WebSocketChannel from, BufferedBinaryMessage message) throws IOException {
            super.onFullPingMessage(from, message);
            flushSoon();
        }
    }
}
