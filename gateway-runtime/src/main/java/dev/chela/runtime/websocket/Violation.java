package dev.chela.runtime.websocket;

/// A peer broke the rules of RFC 6455 or a limit; the connection must be closed with this code.
public final class Violation extends Exception {

    private static final long serialVersionUID = 1L;

    private final int code;

    /// A rule broken.
    ///
    /// @param code the close code to send
    /// @param reason for the close frame
    public Violation(int code, String reason) {
        super(reason, null, false, false);
        this.code = code;
    }

    /// The close code to send.
    public int code() {
        return code;
    }

    /// For the close frame.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
