package dev.chela.runtime.bench;

import java.io.IOException;
import java.util.Arrays;

import dev.chela.runtime.websocket.Frames;

/// Cuts what a server sends into messages; a frame that came whole is handed over without a copy. Used by one loop.
final class ServerFrames {

    /// The largest message that is taken.
    static final int MAX_MESSAGE = 64 << 20;

    private static final byte[] EMPTY = {};

    /// Takes what was cut.
    interface Sink {

        /// A whole message, valid during the call only.
        void message(byte[] bytes, int from, int to);

        /// A ping, a pong or a goodbye.
        void control(int opcode, byte[] payload);
    }

    private final Sink sink;
    private byte[] held = EMPTY;
    private int heldLength;
    private byte[] fragments = EMPTY;

    ServerFrames(Sink sink) {
        this.sink = sink;
    }

    /// Takes the next bytes of the stream.
    ///
    /// @throws IOException if the server broke the framing or sends more than is taken
    void read(byte[] bytes, int from, int to) throws IOException {
        if (heldLength == 0) {
            hold(bytes, cut(bytes, from, to), to);
            return;
        }
        hold(bytes, from, to);
        int rest = cut(held, 0, heldLength);
        System.arraycopy(held, rest, held, 0, heldLength - rest);
        heldLength -= rest;
        if (heldLength == 0 && held.length > 1 << 20) {
            held = EMPTY;
        }
    }

    private void hold(byte[] bytes, int from, int to) {
        int needed = heldLength + to - from;
        if (needed > held.length) {
            held = Arrays.copyOf(held, Math.max(needed, held.length * 2));
        }
        System.arraycopy(bytes, from, held, heldLength, to - from);
        heldLength = needed;
    }

    /// Hands over all whole frames.
    ///
    /// @return the index of the first byte of what is not whole yet
    private int cut(byte[] bytes, int from, int to) throws IOException {
        int at = from;
        while (to - at >= 2) {
            int size = bytes[at + 1] & 0xFF;
            int head = size == 126 ? 4 : size == 127 ? 10 : 2;
            if ((bytes[at] & 0x70) != 0 || size > 127) {
                throw new IOException("the server's frames are not plain and unmasked");
            } else if (to - at < head) {
                return at;
            }
            long length = head == 2 ? size : 0;
            for (int i = 2; i < head; i++) {
                length = (length << 8) | (bytes[at + i] & 0xFF);
            }
            if (length < 0 || length > MAX_MESSAGE - fragments.length) {
                throw new IOException("the server sends a message of more than " + MAX_MESSAGE + " bytes");
            } else if (to - at - head < length) {
                return at;
            }
            int end = at + head + (int) length;
            frame(bytes[at] & 0x8F, bytes, at + head, end);
            at = end;
        }
        return at;
    }

    private void frame(int first, byte[] bytes, int from, int to) {
        boolean last = (first & 0x80) != 0;
        int opcode = first & 0x0F;
        if (opcode >= Frames.CLOSE) {
            sink.control(opcode, Arrays.copyOfRange(bytes, from, to));
        } else if (last && fragments.length == 0) {
            sink.message(bytes, from, to);
        } else {
            int before = fragments.length;
            fragments = Arrays.copyOf(fragments, before + to - from);
            System.arraycopy(bytes, from, fragments, before, to - from);
            if (last) {
                byte[] whole = fragments;
                fragments = EMPTY;
                sink.message(whole, 0, whole.length);
            }
        }
    }
}
