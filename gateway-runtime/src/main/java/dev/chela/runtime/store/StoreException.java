package dev.chela.runtime.store;

/// The store could not read or write; nothing of what was asked for has happened.
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /// @param message what could not be done
    public StoreException(String message) {
        super(message);
    }
}
