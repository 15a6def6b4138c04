package dev.chela.runtime.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import dev.chela.runtime.websocket.Frames;

/// A socket on which a test can break every rule.
public final class RawSocket implements AutoCloseable {

    private static final int MASK = 0x37FA213D;
    /// A handshake as it should be.
    public static final String HANDSHAKE = """
            GET / HTTP/1.1\r
            Host: 127.0.0.1\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RawSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /// Connects.
    public static RawSocket to(int port) throws IOException {
        var socket = new Socket(InetAddress.getByAddress(new byte[]{127, 0, 0, 1}), port);
        socket.setSoTimeout((int) TestGateway.PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        return new RawSocket(socket);
    }

    /// Connects and becomes a WebSocket; the challenge is still to be read.
    public static RawSocket webSocketTo(int port) throws IOException {
        RawSocket raw = to(port);
        raw.send(HANDSHAKE);
        String head = raw.readHead();
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new IOException(head);
        }
        return raw;
    }

    /// Sends text.
    public RawSocket send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Sends bytes.
    public RawSocket send(byte... bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /// Sends one frame, masked.
    ///
    /// @param first the first byte: FIN, reserved bits and opcode
    public RawSocket frame(int first, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        byte[] masked = payload.clone();
        Frames.mask(masked, 0, masked.length, MASK, 0);
        frame.putInt(MASK).put(masked).flip();
        out.write(frame.array(), 0, frame.limit());
        out.flush();
        return this;
    }

    /// Sends a whole text message.
    public RawSocket text(String text) throws IOException {
        return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Reads an HTTP head, up to and with its empty line.
    public String readHead() throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            head.append((char) b);
        }
        return head.toString();
    }

    /// Reads text until the server ends the stream.
    public String readRest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /// A frame from the server.
    public record Received(int opcode, byte[] payload) {

        /// The payload as text.
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /// The code of a close frame; 1005 if it has none.
        public int closeCode() {
            return payload.length < 2 ? 1005 : ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        }

        /// The reason of a close frame.
        public String closeReason() {
            return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    /// Reads the next frame.
    public Received read() throws IOException {
        int opcode = in.readUnsignedByte() & 0x0F;
        int length = in.readUnsignedByte();
        long size = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
        byte[] payload = new byte[(int) size];
        in.readFully(payload);
        return new Received(opcode, payload);
    }

    /// Reads until a text message that contains something.
    public String readUntil(String part) throws IOException {
        while (true) {
            Received frame = read();
            if (frame.opcode() == 8) {
                throw new IOException("closed with " + frame.closeCode() + " " + frame.closeReason());
            } else if (frame.text().contains(part)) {
                return frame.text();
            }
        }
    }

    /// Reads until the close frame.
    public Received readClose() throws IOException {
        Received frame = read();
        while (frame.opcode() != 8) {
            frame = read();
        }
        return frame;
    }

    /// Whether the server ends the stream, after whatever else it sends.
    public boolean ends() throws IOException {
        try {
            while (in.read() >= 0) {
                // what comes before the end does not matter
            }
            return true;
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    /// Says hello as the command line does, and reads the answer.
    public String connect(String scopes) throws IOException {
        read();
        hello(scopes);
        return readUntil("\"id\":\"c\"");
    }

    /// Says hello with all rights, without waiting for anything.
    public RawSocket connectSoon() throws IOException {
        return hello("\"operator.admin\"");
    }

    private RawSocket hello(String scopes) throws IOException {
        return text("""
                {"type":"req","id":"c","method":"connect","params":{"minProtocol":4,"maxProtocol":4,
                "client":{"id":"cli","version":"1","platform":"test","mode":"cli"},"role":"operator",
                "scopes":[%s],"auth":{"token":"%s"}}}""".formatted(scopes, TestGateway.TOKEN));
    }

    /// Goes without a goodbye.
    ///
    /// @param rudely with a reset instead of an end of the stream
    public void abandon(boolean rudely) throws IOException {
        socket.setSoLinger(rudely, 0);
        socket.close();
    }

    /// Says hello with all rights.
    public String connect() throws IOException {
        return connect("\"operator.admin\"");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
