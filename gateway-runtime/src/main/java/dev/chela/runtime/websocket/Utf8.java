package dev.chela.runtime.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Checks UTF-8 piece by piece, failing at the first byte that can't be part of it. One per message.
final class Utf8 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;

    private int missing;
    private int lower = 0x80;
    private int upper = 0xBF;

    /// Says whether these bytes can continue the text so far.
    boolean accepts(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (missing == 0) {
                i = skipAscii(bytes, i, to);
                if (i == to) {
                    return true;
                }
            }
            if (!step(bytes[i++] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    /// Says whether the text so far ends with a whole character.
    boolean complete() {
        return missing == 0;
    }

    private static int skipAscii(byte[] bytes, int from, int to) {
        int i = from;
        while (i + 8 <= to && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
            i += 8;
        }
        while (i < to && bytes[i] >= 0) {
            i++;
        }
        return i;
    }

    private boolean step(int b) {
        if (missing > 0) {
            if (b < lower || b > upper) {
                return false;
            }
            missing--;
            lower = 0x80;
            upper = 0xBF;
            return true;
        }
        return start(b);
    }

    /// Table 3-7 of the Unicode standard: the second byte's range depends on the first.
    private boolean start(int b) {
        if (b >= 0xC2 && b <= 0xDF) {
            missing = 1;
        } else if (b >= 0xE0 && b <= 0xEF) {
            missing = 2;
            lower = b == 0xE0 ? 0xA0 : 0x80;
            upper = b == 0xED ? 0x9F : 0xBF;
        } else if (b >= 0xF0 && b <= 0xF4) {
            missing = 3;
            lower = b == 0xF0 ? 0x90 : 0x80;
            upper = b == 0xF4 ? 0x8F : 0xBF;
        } else {
            return false;
        }
        return true;
    }
}
