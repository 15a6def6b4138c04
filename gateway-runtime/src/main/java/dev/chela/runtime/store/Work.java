package dev.chela.runtime.store;

/// Something to do inside one transaction. It sees only what is committed or its own, and must not block otherwise.
///
/// @param <T> what comes of it
@FunctionalInterface
public interface Work<T> {

    /// Does it.
    T in(Tx tx);
}
