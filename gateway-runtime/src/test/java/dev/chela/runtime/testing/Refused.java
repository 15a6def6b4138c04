package dev.chela.runtime.testing;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/// Says why something was refused.
public final class Refused {

    private Refused() {}

    /// The message of the exception that must come.
    public static String with(Class<? extends Throwable> type, Executable action) {
        return String.valueOf(Assertions.assertThrows(type, action).getMessage());
    }
}
