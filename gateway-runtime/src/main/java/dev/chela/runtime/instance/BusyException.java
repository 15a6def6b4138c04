package dev.chela.runtime.instance;

/// What this gateway needs, the state folder or the port, belongs to somebody else.
public final class BusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// Names the thing, who has it and what to do.
    public BusyException(String message) {
        super(message);
    }
}
