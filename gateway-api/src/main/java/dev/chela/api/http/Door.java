package dev.chela.api.http;

import dev.chela.api.rpc.Scope;

/// Who may use a route. There is no default: a route without a door is refused.
public sealed interface Door {

    /// Callers whom the gateway has authenticated (bearer token or password) and who hold a scope. A wrong or missing
    /// secret is answered 401, a missing scope 403, before the handler runs.
    record Gateway(Scope scope) implements Door {}

    /// Anybody who reaches the port. The handler runs without any scope and checks for itself whom it serves, such as
    /// by a webhook's signature.
    record Open() implements Door {}

    /// Authenticated callers who hold that scope.
    static Door gateway(Scope scope) {
        return new Gateway(scope);
    }

    /// Anybody.
    static Door open() {
        return new Open();
    }
}
