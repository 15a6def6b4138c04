package dev.chela.runtime.json;

/// A value whose JSON text would be longer than it may be.
public final class TooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    TooLargeException(int max) {
        super("its JSON has more than " + max + " bytes");
    }
}
