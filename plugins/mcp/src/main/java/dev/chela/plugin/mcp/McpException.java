package dev.chela.plugin.mcp;

/// Why a server could not do something, in words for a person or a model.
final class McpException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    McpException(String reason) {
        super(reason);
        this.reason = reason;
    }

    McpException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
