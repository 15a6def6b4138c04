package dev.chela.runtime.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/// Turns the bytes of a client into messages, strictly by RFC 6455 and within limits that are checked on declared
/// lengths, before anything is read. No extension, so no reserved bit. One per connection; used by its I/O thread only.
public final class MessageReader {

    /// The most fragments one message may have.
    public static final int MAX_FRAGMENTS = 16_384;

    private static final int FIRST_PIECE = 16 * 1024;
    private static final byte[] EMPTY = {};

    private final MessageSink sink;
    private final byte[] head = new byte[14];

    private volatile long limit;
    private int headRead;
    private int headLength = 2;

    private boolean ended;
    private boolean inPayload;
    private int opcode;
    private boolean last;
    private int key;
    private int frameLength;
    private int frameRead;

    private byte[] message = EMPTY;
    private int messageLength;
    private int messageOpcode;
    private int fragments;
    private long reserved;
    private byte[] control = EMPTY;
    private @Nullable Utf8 utf8;

    /// A reader at the start of a stream.
    ///
    /// @param limit the largest message in bytes until [#limit(long)] says otherwise
    public MessageReader(long limit, MessageSink sink) {
        this.limit = limit;
        this.sink = sink;
    }

    /// Sets the largest message in bytes, from the next frame on. Safe for all threads.
    public void limit(long bytes) {
        limit = bytes;
    }

    /// Reads all that is in the buffer.
    ///
    /// @throws Violation if the peer broke a rule; this reader must not be used again
    public void read(ByteBuffer in) throws Violation {
        while (!ended && in.hasRemaining() && (inPayload || readHead(in))) {
            readPayload(in);
            if (frameRead == frameLength) {
                inPayload = false;
                endFrame();
            }
        }
        account();
    }

    /// Gives back what an unfinished message holds.
    public void release() {
        drop();
        sink.reserve(-reserved);
        reserved = 0;
    }

    /// Only what is left unfinished between two reads counts; most messages never do.
    private void account() throws Violation {
        long more = message.length - reserved;
        reserved = message.length;
        if (more != 0 && !sink.reserve(more)) {
            throw new Violation(CloseCode.TOO_BIG, "no room for more unfinished messages");
        }
    }

    private boolean readHead(ByteBuffer in) throws Violation {
        while (true) {
            int n = Math.min(headLength - headRead, in.remaining());
            in.get(head, headRead, n);
            headRead += n;
            if (headRead < headLength) {
                return false;
            }
            if (headLength == 2) {
                checkStart();
                int size = head[1] & 0x7F;
                headLength = 6 + (size == 126 ? 2 : size == 127 ? 8 : 0);
            } else {
                startFrame();
                headRead = 0;
                headLength = 2;
                return true;
            }
        }
    }

    private void checkStart() throws Violation {
        opcode = head[0] & 0x0F;
        last = (head[0] & 0x80) != 0;
        if ((head[0] & 0x70) != 0) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "reserved bits must be 0");
        } else if ((opcode > 2 && opcode < 8) || opcode > 10) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "unknown opcode " + opcode);
        } else if ((head[1] & 0x80) == 0) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "frames of a client must be masked");
        } else if (isControl() && (!last || (head[1] & 0x7F) > Frames.MAX_CONTROL)) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "control frames must be whole and short");
        } else if (!isControl() && (opcode == 0) == (messageOpcode == 0)) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, opcode == 0 ? "nothing to continue" : "message not ended");
        }
    }

    private void startFrame() throws Violation {
        int size = head[1] & 0x7F;
        ByteBuffer rest = ByteBuffer.wrap(head, 2, headLength - 2);
        long length = size == 126 ? rest.getShort() & 0xFFFF : size == 127 ? rest.getLong() : size;
        key = rest.getInt();
        frameRead = 0;
        inPayload = true;
        if (isControl()) {
            frameLength = (int) length;
            control = new byte[frameLength];
            return;
        }
        if (length < 0) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "negative length");
        } else if (length > limit - messageLength) {
            throw new Violation(CloseCode.TOO_BIG, "");
        } else if (++fragments > MAX_FRAGMENTS) {
            throw new Violation(CloseCode.POLICY, "too many fragments");
        }
        frameLength = (int) length;
        if (opcode != 0) {
            messageOpcode = opcode;
            utf8 = opcode == Frames.TEXT ? new Utf8() : null;
        }
    }

    private void readPayload(ByteBuffer in) throws Violation {
        int n = Math.min(frameLength - frameRead, in.remaining());
        if (isControl()) {
            in.get(control, frameRead, n);
            Frames.mask(control, frameRead, frameRead + n, key, frameRead);
        } else if (n > 0) {
            makeRoom(n);
            in.get(message, messageLength, n);
            Frames.mask(message, messageLength, messageLength + n, key, frameRead);
            if (utf8 != null && !utf8.accepts(message, messageLength, messageLength + n)) {
                throw new Violation(CloseCode.BAD_DATA, "invalid UTF-8");
            }
            messageLength += n;
        }
        frameRead += n;
    }

    /// Grows by what has come, not by what was declared: a declaration costs a stranger nothing.
    private void makeRoom(int n) {
        int needed = messageLength + n;
        if (needed <= message.length) {
            return;
        }
        int whole = last ? messageLength + frameLength - frameRead : Integer.MAX_VALUE;
        int size = Math.min(whole, Math.max(needed, Math.max(FIRST_PIECE, message.length * 2)));
        message = Arrays.copyOf(message, size);
    }

    private void endFrame() throws Violation {
        if (isControl()) {
            endControl();
        } else if (last) {
            if (utf8 != null && !utf8.complete()) {
                throw new Violation(CloseCode.BAD_DATA, "invalid UTF-8");
            }
            byte[] whole = messageLength == message.length ? message : Arrays.copyOf(message, messageLength);
            drop();
            sink.message(whole);
        }
    }

    private void drop() {
        message = EMPTY;
        messageLength = 0;
        messageOpcode = 0;
        fragments = 0;
        utf8 = null;
    }

    private void endControl() throws Violation {
        byte[] payload = control;
        control = EMPTY;
        switch (opcode) {
            case Frames.PING -> sink.ping(payload);
            case Frames.PONG -> sink.pong();
            default -> endClose(payload);
        }
    }

    private void endClose(byte[] payload) throws Violation {
        ended = true;
        if (payload.length == 0) {
            sink.close(CloseCode.NORMAL, "");
            return;
        }
        int code = payload.length == 1 ? 0 : ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        var text = new Utf8();
        if (!CloseCode.mayBeReceived(code)) {
            throw new Violation(CloseCode.PROTOCOL_ERROR, "invalid close code");
        } else if (!text.accepts(payload, 2, payload.length) || !text.complete()) {
            throw new Violation(CloseCode.BAD_DATA, "invalid UTF-8");
        }
        sink.close(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
    }

    private boolean isControl() {
        return opcode >= 8;
    }
}
