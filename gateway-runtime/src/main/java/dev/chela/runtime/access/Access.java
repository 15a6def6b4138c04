package dev.chela.runtime.access;

import java.util.Set;

import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.protocol.Dialect;
import dev.chela.runtime.protocol.Failure;

/// Decides who may call what. The only place where that is decided; what is not granted is denied.
public final class Access {

    private Access() {}

    /// The decision about one call.
    public sealed interface Decision {

        /// Go on.
        record Granted() implements Decision {}

        /// Answer this instead.
        ///
        /// @param wrongRole whether the caller is of a kind that can never make this call
        record Denied(Failure failure, boolean wrongRole) implements Decision {}
    }

    private static final Decision GRANTED = new Decision.Granted();

    /// The protocol's methods of nodes, whether they exist here or not: a node that calls its own must not be taken for
    /// one that asks for what is not its own, which ends its connection after a while.
    private static final Set<String> OF_NODES = Set.of("skills.bins", "node.event", "node.invoke.progress",
            "node.invoke.result", "node.pending.ack", "node.pending.drain", "node.pending.pull",
            "node.pluginSurface.refresh", "node.pluginTools.update", "node.runnerInventory.update",
            "node.skills.update");

    /// Decides by role: nodes have their own methods, and nobody else may call those.
    public static Decision byRole(Caller caller, Role needed) {
        boolean known = caller.role().equals(Role.OPERATOR) || caller.role().equals(Role.NODE);
        if (known && caller.role().equals(needed)) {
            return GRANTED;
        }
        return new Decision.Denied(Failure.invalid("unauthorized role: " + caller.role().name()), true);
    }

    /// Decides by scope; nodes need none for their own methods.
    public static Decision byScope(Caller caller, Scope needed, Dialect dialect) {
        if (caller.role().equals(Role.NODE) || caller.holds(needed)) {
            return GRANTED;
        }
        return new Decision.Denied(dialect.missingScope(needed), false);
    }

    /// What a caller learns about a method that does not exist: as if it needed everything.
    public static Decision.Denied unknown(Caller caller, String method, Dialect dialect) {
        if (byRole(caller, OF_NODES.contains(method) ? Role.NODE : Role.OPERATOR) instanceof Decision.Denied denied) {
            return denied;
        } else if (byScope(caller, Scope.ADMIN, dialect) instanceof Decision.Denied denied) {
            return denied;
        }
        return new Decision.Denied(Failure.invalid("unknown method: " + method), false);
    }
}
