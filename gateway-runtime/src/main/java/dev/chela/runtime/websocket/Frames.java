package dev.chela.runtime.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/// Makes frame headers, close payloads and the answer to a handshake key.
public final class Frames {

    /// The opcode of a text frame.
    public static final int TEXT = 1;
    /// The opcode of a close frame.
    public static final int CLOSE = 8;
    /// The opcode of a ping.
    public static final int PING = 9;
    /// The opcode of a pong.
    public static final int PONG = 10;

    /// The longest payload of a control frame.
    static final int MAX_CONTROL = 125;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Frames() {}

    /// The header of an unmasked, final frame, as servers send it.
    public static byte[] header(int opcode, long length) {
        byte first = (byte) (0x80 | opcode);
        if (length < 126) {
            return new byte[]{first, (byte) length};
        } else if (length < 65536) {
            return new byte[]{first, 126, (byte) (length >> 8), (byte) length};
        }
        byte[] header = new byte[10];
        header[0] = first;
        header[1] = 127;
        LONGS.set(header, 2, length);
        return header;
    }

    /// A whole unmasked control frame; the payload is cut to what fits.
    public static byte[] control(int opcode, byte[] payload) {
        int length = Math.min(payload.length, MAX_CONTROL);
        byte[] frame = new byte[2 + length];
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) length;
        System.arraycopy(payload, 0, frame, 2, length);
        return frame;
    }

    /// A whole unmasked close frame; the reason is cut to 123 bytes of UTF-8, at a character's border.
    public static byte[] close(int code, String reason) {
        byte[] text = cut(reason, MAX_CONTROL - 2);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return control(CLOSE, payload);
    }

    private static byte[] cut(String text, int limit) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= limit) {
            return bytes;
        }
        int end = limit;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    /// Masks or unmasks in place (section 5.3).
    ///
    /// @param phase how many bytes of the payload came before
    public static void mask(byte[] bytes, int from, int to, int key, int phase) {
        int i = from;
        int turned = Integer.rotateLeft(key, 8 * (phase & 3));
        long wide = ((long) turned << 32) | (turned & 0xFFFFFFFFL);
        for (; i + 8 <= to; i += 8) {
            LONGS.set(bytes, i, (long) LONGS.get(bytes, i) ^ wide);
        }
        for (int shift = 24; i < to; i++, shift = (shift + 24) & 31) {
            bytes[i] ^= (byte) (turned >>> shift);
        }
    }

    /// The `Sec-WebSocket-Accept` that answers a key (section 4.2.2).
    public static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
