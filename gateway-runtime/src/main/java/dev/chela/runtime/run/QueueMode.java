package dev.chela.runtime.run;

import java.util.Locale;

/// What becomes of a message that is accepted while another is being answered.
public enum QueueMode {
    /// It is answered in its turn, by itself.
    FOLLOWUP,
    /// It is answered in its turn, together with the ones like it that wait beside it.
    COLLECT,
    /// It is given to the engine at work; if that asks for nothing more, it is answered in its turn.
    STEER,
    /// What is at work is stopped for it.
    INTERRUPT;

    /// A mode by the name clients know.
    ///
    /// @throws IllegalArgumentException if there is none
    public static QueueMode named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
