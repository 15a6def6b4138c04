package dev.chela.runtime.json;

import java.io.OutputStream;
import java.util.Arrays;

/// Keeps what is written, up to a limit; what plugins return may have no end.
final class BoundedBytes extends OutputStream {

    private final int max;
    private byte[] bytes = new byte[512];
    private int length;
    private boolean full;

    BoundedBytes(int max) {
        this.max = max;
    }

    @Override
    public void write(int b) {
        write(new byte[]{(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] more, int from, int count) {
        if (count > max - length) {
            full = true;
            throw new TooLargeException(max);
        } else if (count > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(max, Math.max(length + count, bytes.length * 2L)));
        }
        System.arraycopy(more, from, bytes, length, count);
        length += count;
    }

    /// Whether more came than it takes; who writes may hide the exception in another.
    boolean isFull() {
        return full;
    }

    JsonText text() {
        return new JsonText(bytes, 0, length);
    }
}
