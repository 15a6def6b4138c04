package dev.chela.runtime.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

import dev.chela.runtime.websocket.CloseCode;
import dev.chela.runtime.websocket.Frames;

import org.jspecify.annotations.Nullable;

/// A client's WebSocket on a [Loop]: connects, shakes hands, masks, and tells its owner what comes. On the loop's thread
/// only.
final class Link implements ServerFrames.Sink {

    private static final int MAX_HEAD = 16 * 1024;
    private static final int KEPT = 64 * 1024;
    private static final byte[] EMPTY = {};
    private static final byte[] END_OF_HEAD = Envelope.ascii("\r\n\r\n");
    private static final Duration GOODBYE = Duration.ofSeconds(2);

    /// Who uses the link.
    interface Owner {

        /// A whole message, valid during the call only.
        void message(byte[] bytes, int from, int to);

        /// The end, told once.
        void closed(String why);
    }

    private final Loop loop;
    private final URI uri;
    private final Owner owner;
    private final ServerFrames frames = new ServerFrames(this);
    private final String key;
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey registration;
    private byte[] head = EMPTY;
    private boolean upgraded;
    private boolean leaving;
    private boolean gone;

    private byte[] out = EMPTY;
    private int outFrom;
    private int outTo;
    private int maskKey = (int) System.nanoTime() | 1;

    Link(Loop loop, URI uri, Owner owner) {
        this.loop = loop;
        this.uri = uri;
        this.owner = owner;
        byte[] nonce = ByteBuffer.allocate(16).putLong(System.nanoTime()).putInt(System.identityHashCode(this)).array();
        this.key = Base64.getEncoder().encodeToString(nonce);
    }

    /// Begins to connect; the owner hears of everything else.
    void open(InetSocketAddress address) {
        try {
            SocketChannel opened = SocketChannel.open();
            channel = opened;
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = opened.connect(address);
            SelectionKey selected = opened.register(loop.selector(), SelectionKey.OP_CONNECT, this);
            registration = selected;
            if (connected) {
                connected(selected);
            }
        } catch (IOException e) {
            end(reason(e));
        }
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.toLowerCase(Locale.ROOT);
    }

    private SocketChannel channel() {
        SocketChannel opened = channel;
        if (opened == null) {
            throw new IllegalStateException("not opened");
        }
        return opened;
    }

    private void connected(SelectionKey selected) {
        selected.interestOps(SelectionKey.OP_READ);
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        put(Envelope.ascii("GET " + path + " HTTP/1.1\r\nHost: " + uri.getRawAuthority() + "\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n\r\n"));
    }

    void serve(SelectionKey selected) {
        try {
            if (selected.isConnectable() && channel().finishConnect()) {
                connected(selected);
                return;
            }
            if (selected.isWritable()) {
                flush();
            }
            if (!gone && selected.isReadable()) {
                read();
            }
        } catch (IOException e) {
            end(reason(e));
        }
    }

    // ---- reading ----

    private void read() throws IOException {
        ByteBuffer in = loop.in().clear();
        int count = channel().read(in);
        if (count < 0) {
            end("the server closed the socket");
            return;
        }
        byte[] bytes = loop.scratch();
        in.flip().get(bytes, 0, count);
        if (upgraded) {
            frames.read(bytes, 0, count);
        } else {
            upgrade(bytes, count);
        }
    }

    private void upgrade(byte[] bytes, int count) throws IOException {
        int before = head.length;
        head = Arrays.copyOf(head, before + count);
        System.arraycopy(bytes, 0, head, before, count);
        int end = Envelope.behind(END_OF_HEAD, head, 0, head.length);
        if (end < 0) {
            if (head.length > MAX_HEAD) {
                throw new IOException("the server's HTTP answer is too long");
            }
            return;
        }
        String text = new String(head, 0, end, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("HTTP/1.1 101") || !text.contains(Frames.accept(key))) {
            throw new IOException("the server refused the WebSocket: " + text.lines().findFirst().orElse(""));
        }
        upgraded = true;
        byte[] all = head;
        head = EMPTY;
        frames.read(all, end, all.length);
    }

    @Override
    public void message(byte[] bytes, int from, int to) {
        if (!gone) {
            owner.message(bytes, from, to);
        }
    }

    @Override
    public void control(int opcode, byte[] payload) {
        if (opcode == Frames.PING) {
            frame(Frames.PONG, payload);
        } else if (opcode == Frames.CLOSE) {
            if (!leaving) {
                frame(Frames.CLOSE, payload);
            }
            int code = payload.length < 2 ? 1005 : ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
            String text = payload.length < 3 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
            end("closed with " + code + (text.isEmpty() ? "" : " " + text));
        }
    }

    // ---- writing ----

    /// Sends a text of three parts, so that what never changes is made once.
    void send(byte[] first, byte[] second, byte[] third) {
        int at = begin(Frames.TEXT, first.length + second.length + third.length);
        System.arraycopy(first, 0, out, at, first.length);
        System.arraycopy(second, 0, out, at + first.length, second.length);
        System.arraycopy(third, 0, out, at + first.length + second.length, third.length);
        Frames.mask(out, at, outTo, maskKey, 0);
        flush();
    }

    /// Sends a text.
    void send(byte[] text) {
        frame(Frames.TEXT, text);
    }

    private void frame(int opcode, byte[] payload) {
        int at = begin(opcode, payload.length);
        System.arraycopy(payload, 0, out, at, payload.length);
        Frames.mask(out, at, outTo, maskKey, 0);
        flush();
    }

    /// Writes a frame's head and makes room for its payload.
    ///
    /// @return where the payload goes
    private int begin(int opcode, int length) {
        byte[] plain = Frames.header(opcode, length);
        int at = room(plain.length + 4 + length);
        System.arraycopy(plain, 0, out, at, plain.length);
        out[at + 1] |= (byte) 0x80;
        maskKey = maskKey * 1_664_525 + 1_013_904_223;
        for (int i = 0; i < 4; i++) {
            out[at + plain.length + i] = (byte) (maskKey >>> (24 - 8 * i));
        }
        return at + plain.length + 4;
    }

    private void put(byte[] bytes) {
        int at = room(bytes.length);
        System.arraycopy(bytes, 0, out, at, bytes.length);
        flush();
    }

    private int room(int more) {
        if (outTo + more > out.length) {
            byte[] larger = new byte[Math.max(outTo - outFrom + more, Math.min(out.length * 2, 1 << 20))];
            System.arraycopy(out, outFrom, larger, 0, outTo - outFrom);
            outTo -= outFrom;
            outFrom = 0;
            out = larger;
        }
        int at = outTo;
        outTo += more;
        return at;
    }

    /// Writes what the socket takes; the rest waits until it takes more. Each message leaves by itself: in one burst they
    /// would cost the server less than the same messages of many clients.
    private void flush() {
        SelectionKey selected = registration;
        if (gone || selected == null || outFrom == outTo) {
            return;
        }
        try {
            ByteBuffer buffer = loop.out();
            while (outFrom < outTo) {
                int count = Math.min(buffer.capacity(), outTo - outFrom);
                int written = channel().write(buffer.clear().put(out, outFrom, count).flip());
                outFrom += written;
                if (written < count) {
                    selected.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
            }
            outFrom = 0;
            outTo = 0;
            out = out.length > KEPT ? EMPTY : out;
            if ((selected.interestOps() & SelectionKey.OP_WRITE) != 0) {
                selected.interestOps(SelectionKey.OP_READ);
            }
        } catch (IOException e) {
            end(reason(e));
        }
    }

    // ---- the end ----

    /// Looks away: what comes fills the system's buffers, then the server's.
    void deafen() {
        SelectionKey selected = registration;
        if (selected != null && !gone) {
            selected.interestOps(0);
        }
    }

    /// Says goodbye; the owner hears of the end when the server has answered, or soon after.
    void close() {
        if (!leaving && !gone) {
            leaving = true;
            frame(Frames.CLOSE, new byte[]{(byte) (CloseCode.NORMAL >> 8), (byte) CloseCode.NORMAL});
            loop.after(GOODBYE, this::cut);
        }
    }

    /// Breaks the connection.
    void cut() {
        end("cut");
    }

    private void end(String why) {
        if (gone) {
            return;
        }
        gone = true;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            loop.fail("a socket cannot be closed: " + e.getMessage());
        }
        owner.closed(why);
    }
}
