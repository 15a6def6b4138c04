package dev.chela.runtime.plugin;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Names and paths that no plugin may take.
public final class Reserved {

    /// Beginnings of method names (with a dot) and whole names that stand for the gateway's own authority.
    private static final List<String> PREFIXES = List.of("auth.", "config.", "connect", "device.", "devices.",
            "exec.approval.", "exec.approvals.", "gateway.", "node.pair.", "pairing.", "plugins.", "secrets.",
            "update.", "wizard.");

    /// Paths on the port.
    public static final List<String> PATHS = List.of("/health", "/healthz", "/ready", "/readyz", "/startup",
            "/startupz", "/metrics", "/hooks", "/tools", "/v1", "/__openclaw__");

    /// Commands of the gateway itself, those of clients, and those that would be taken for one.
    private static final Set<String> COMMANDS = Set.of("abort", "agent", "agents", "approve", "clear", "commands",
            "compact", "config", "debug", "elevated", "exec", "exit", "help", "model", "models", "new", "pair",
            "plugins",
            "queue", "quit", "reasoning", "reset", "restart", "session", "sessions", "settings", "skill", "status",
            "stop", "think", "tools", "usage", "verbose");

    private Reserved() {}

    static boolean isCommand(String name) {
        return COMMANDS.contains(name);
    }

    /// The reserved beginning of a method's name, or the reserved name, if it has one.
    static Optional<String> prefix(String method) {
        return PREFIXES.stream()
                .filter(prefix -> prefix.endsWith(".") ? method.startsWith(prefix) : method.equals(prefix)).findFirst();
    }

    /// The reserved path that a route's path is or lies below, if there is one.
    static Optional<String> path(String route) {
        return PATHS.stream().filter(path -> route.equals(path) || route.startsWith(path + "/")).findFirst();
    }
}
