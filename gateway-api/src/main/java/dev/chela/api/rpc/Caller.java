package dev.chela.api.rpc;

import java.util.Set;

/// Who calls: an identity the gateway has verified.
///
/// @param principal stable name of the identity, such as `device:<id>` or `shared-secret`
/// @param role what the connection is
/// @param scopes what was granted, which may be less than was asked for
/// @param client the client's own id, such as `cli`; a claim, not a proof
public record Caller(String principal, Role role, Set<Scope> scopes, String client) {

    /// Copies the scopes.
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /// Says whether the caller may do what needs that scope.
    public boolean holds(Scope needed) {
        for (Scope scope : scopes) {
            if (scope.covers(needed)) {
                return true;
            }
        }
        return false;
    }
}
