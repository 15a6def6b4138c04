package dev.chela.runtime.bench;

/// A measurement that could not be made or was cut short.
public final class BenchException extends Exception {

    private static final long serialVersionUID = 1L;

    /// What went wrong, for people.
    public BenchException(String message) {
        super(message);
    }
}
