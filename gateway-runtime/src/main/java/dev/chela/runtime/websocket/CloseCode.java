package dev.chela.runtime.websocket;

/// Close codes of RFC 6455 section 7.4 and of the gateway protocol.
public final class CloseCode {

    /// Done.
    public static final int NORMAL = 1000;
    /// The peer broke the framing rules, or the protocol versions don't meet.
    public static final int PROTOCOL_ERROR = 1002;
    /// Text that is not UTF-8.
    public static final int BAD_DATA = 1007;
    /// Refused by policy.
    public static final int POLICY = 1008;
    /// Larger than the limit.
    public static final int TOO_BIG = 1009;
    /// Something inside broke.
    public static final int INTERNAL = 1011;
    /// The gateway stops or restarts.
    public static final int RESTART = 1012;
    /// Come back later.
    public static final int TRY_LATER = 1013;
    /// The authority the connection lived on was withdrawn.
    public static final int AUTHORITY_WITHDRAWN = 4001;

    private CloseCode() {}

    /// Whether a peer may send this code (section 7.4.1 and 7.4.2).
    public static boolean mayBeReceived(int code) {
        boolean registered = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
        return registered || (code >= 3000 && code <= 4999);
    }
}
