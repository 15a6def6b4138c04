package dev.chela.api.event;

import dev.chela.api.rpc.Scope;

/// Who may see an event at all. There is no default: an event type without an audience does not exist.
public sealed interface Audience {

    /// Every authenticated connection, nodes too.
    record Everyone() implements Audience {}

    /// Operators who hold a scope.
    record Holders(Scope scope) implements Audience {}

    /// Every authenticated connection, nodes too: only for what is no secret to anybody.
    static Audience everyone() {
        return new Everyone();
    }

    /// Operators who hold that scope.
    static Audience holders(Scope scope) {
        return new Holders(scope);
    }
}
