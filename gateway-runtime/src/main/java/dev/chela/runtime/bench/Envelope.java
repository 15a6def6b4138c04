package dev.chela.runtime.bench;

import java.nio.charset.StandardCharsets;

/// Reads what a load client needs of a frame: its type, and the id and outcome of a response or the name of an event.
///
/// Only the top level is looked at, and only until that is known: a server that begins with it costs almost nothing. One
/// per loop, used again for each frame.
final class Envelope {

    private static final byte[] TYPE = ascii("type");
    private static final byte[] ID = ascii("id");
    private static final byte[] OK = ascii("ok");
    private static final byte[] EVENT = ascii("event");
    private static final byte[] RESPONSE = ascii("res");

    private byte[] bytes = {};
    private int at;
    private int to;
    private boolean knowsType;
    private boolean knowsId;
    private boolean knowsOk;

    private boolean response;
    private long id;
    private boolean ok;
    private int nameFrom;
    private int nameTo;

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Looks at another frame.
    void read(byte[] frame, int start, int end) {
        bytes = frame;
        at = start + 1;
        to = end;
        knowsType = false;
        knowsId = false;
        knowsOk = false;
        response = false;
        ok = false;
        id = -1;
        nameFrom = 0;
        nameTo = 0;
        while (at < to && !done()) {
            if (bytes[at] == '"') {
                member();
            } else {
                at++;
            }
        }
    }

    private boolean done() {
        return knowsType && (response ? knowsId && knowsOk : nameTo > 0);
    }

    private void member() {
        int keyFrom = at + 1;
        int keyTo = endOfString(at);
        at = keyTo + 1;
        while (at < to && (bytes[at] == ':' || bytes[at] == ' ')) {
            at++;
        }
        int valueFrom = at;
        skipValue();
        if (is(TYPE, keyFrom, keyTo)) {
            knowsType = true;
            response = is(RESPONSE, valueFrom + 1, at - 1);
        } else if (is(ID, keyFrom, keyTo)) {
            knowsId = true;
            id = number(valueFrom + 1, at - 1);
        } else if (is(OK, keyFrom, keyTo)) {
            knowsOk = true;
            ok = valueFrom < to && bytes[valueFrom] == 't';
        } else if (is(EVENT, keyFrom, keyTo)) {
            nameFrom = valueFrom + 1;
            nameTo = at - 1;
        }
    }

    private int endOfString(int quote) {
        int i = quote + 1;
        while (i < to && bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return Math.min(i, to);
    }

    private void skipValue() {
        int depth = 0;
        for (; at < to; at++) {
            byte b = bytes[at];
            if (b == '"') {
                at = endOfString(at);
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
            if (depth < 0 || (depth == 0 && b == ',')) {
                return;
            } else if (depth == 0 && (b == '"' || b == '}' || b == ']')) {
                at++;
                return;
            }
        }
    }

    private long number(int from, int end) {
        long value = 0;
        for (int i = from; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return end > from ? value : -1;
    }

    private boolean is(byte[] word, int from, int end) {
        if (end - from != word.length || end > to) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (bytes[from + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    /// Whether it answers a request.
    boolean isResponse() {
        return response;
    }

    /// Whether it is this event.
    boolean isEvent(byte[] name) {
        return !response && nameTo > 0 && is(name, nameFrom, nameTo);
    }

    /// The id of a response; -1 if it is none of ours.
    long id() {
        return id;
    }

    /// Whether the response is a success.
    boolean ok() {
        return ok;
    }

    /// Finds a text in a frame.
    ///
    /// @return the index behind it; -1 if it is not there
    static int behind(byte[] text, byte[] frame, int from, int end) {
        for (int i = from; i + text.length <= end; i++) {
            int n = 0;
            while (n < text.length && frame[i + n] == text[n]) {
                n++;
            }
            if (n == text.length) {
                return i + n;
            }
        }
        return -1;
    }

    /// Reads the digits at an index.
    static long digits(byte[] frame, int from, int end) {
        long value = 0;
        for (int i = from; i < end && frame[i] >= '0' && frame[i] <= '9'; i++) {
            value = value * 10 + frame[i] - '0';
        }
        return value;
    }
}
