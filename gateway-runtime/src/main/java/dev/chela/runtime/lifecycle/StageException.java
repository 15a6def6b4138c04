package dev.chela.runtime.lifecycle;

/// A part that could not start or stop; names the part.
public final class StageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StageException(String message, Throwable cause) {
        super(message, cause);
    }
}
