package dev.chela.runtime.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Grows a JSON text byte by byte; for the envelope of frames, where speed counts. Used by one thread.
public final class JsonBuffer {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int length;

    /// An empty text.
    ///
    /// @param expected about how long the text will be
    public JsonBuffer(int expected) {
        bytes = new byte[Math.max(16, expected)];
    }

    /// Adds ASCII text as it is.
    public JsonBuffer raw(String ascii) {
        int n = ascii.length();
        room(n);
        for (int i = 0; i < n; i++) {
            bytes[length + i] = (byte) ascii.charAt(i);
        }
        length += n;
        return this;
    }

    /// Adds bytes as they are.
    public JsonBuffer raw(byte[] more) {
        return raw(more, 0, more.length);
    }

    /// Adds a JSON value as it is.
    public JsonBuffer raw(JsonText text) {
        return raw(text.bytes(), text.from(), text.to());
    }

    private JsonBuffer raw(byte[] more, int from, int to) {
        room(to - from);
        System.arraycopy(more, from, bytes, length, to - from);
        length += to - from;
        return this;
    }

    /// Adds a number.
    public JsonBuffer number(long value) {
        return raw(Long.toString(value));
    }

    /// Adds a string with its quotes.
    public JsonBuffer text(String value) {
        int n = value.length();
        room(n + 2);
        bytes[length++] = '"';
        for (int i = 0; i < n; i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\' || c >= 0x80) {
                special(value.substring(i));
                break;
            }
            bytes[length++] = (byte) c;
        }
        room(1);
        bytes[length++] = '"';
        return this;
    }

    private void special(String rest) {
        for (byte b : rest.getBytes(StandardCharsets.UTF_8)) {
            room(6);
            if (b == '"' || b == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = b;
            } else if (b >= 0 && b < 0x20) {
                raw("\\u00");
                bytes[length++] = HEX[b >> 4];
                bytes[length++] = HEX[b & 15];
            } else {
                bytes[length++] = b;
            }
        }
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    /// How long the text is by now, in bytes.
    public int length() {
        return length;
    }

    /// A copy of the text.
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
