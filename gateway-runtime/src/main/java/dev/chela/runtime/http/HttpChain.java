package dev.chela.runtime.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.chela.api.http.Door;
import dev.chela.api.rpc.Caller;
import dev.chela.api.rpc.Role;
import dev.chela.api.rpc.Scope;
import dev.chela.runtime.auth.Authenticator;

import org.jspecify.annotations.Nullable;

/// Decides what becomes of an HTTP request: probes, then routes of plugins, then nothing. Never blocks, never unsure:
/// each request gets exactly one handling.
public final class HttpChain {

    private static final String CHANNELS = "/api/channels";
    private static final Set<Scope> ALL = Set.of(Scope.ADMIN, Scope.APPROVALS, Scope.PAIRING, Scope.READ,
            Scope.TALK_SECRETS, Scope.WRITE);

    private final Authenticator authenticator;
    private final Supplier<Readiness> readiness;
    private volatile Routes routes = new Routes(List.of());

    /// How far the gateway is.
    ///
    /// @param ready whether it answers everything
    /// @param draining whether it is about to stop
    /// @param uptimeMs since the start
    public record Readiness(boolean ready, boolean draining, long uptimeMs) {}

    /// A chain without routes.
    public HttpChain(Authenticator authenticator, Supplier<Readiness> readiness) {
        this.authenticator = authenticator;
        this.readiness = readiness;
    }

    /// Replaces the routes of all plugins.
    public void replace(Routes replacement) {
        routes = replacement;
    }

    /// Decides about a request.
    public Handling decide(RequestHead head) {
        Optional<CanonicalPath> path = CanonicalPath.of(head.rawPath());
        if (path.isEmpty()) {
            return Handling.Answer.text(400, "Bad Request");
        }
        Handling probe = probe(path.get().path(), head);
        return probe != null ? probe : route(path.get(), head);
    }

    private @Nullable Handling probe(String path, RequestHead head) {
        Readiness now = readiness.get();
        Handling.Answer answer = switch (path) {
            case "/health", "/healthz" -> Handling.Answer.json(200, "{\"ok\":true,\"status\":\"live\"}");
            case "/startup", "/startupz" -> Handling.Answer.json(now.ready() && !now.draining() ? 200 : 503,
                    "{\"ok\":" + (now.ready() && !now.draining()) + ",\"status\":\""
                            + (now.draining() ? "draining" : now.ready() ? "started" : "starting") + "\"}");
            case "/ready", "/readyz" -> Handling.Answer.json(now.ready() && !now.draining() ? 200 : 503,
                    "{\"ready\":" + (now.ready() && !now.draining()) + "}");
            default -> null;
        };
        if (answer == null) {
            return null;
        }
        return isRead(head) ? answer : Handling.Answer.text(405, "Method Not Allowed").with("Allow", "GET, HEAD");
    }

    private Handling route(CanonicalPath path, RequestHead head) {
        while (true) {
            Optional<Routes.Entry> found = routes.find(path);
            if (found.isEmpty()) {
                boolean guarded = path.isAtOrBelow(CHANNELS) && authenticate(head).isEmpty();
                return guarded ? unauthorized() : Handling.Answer.text(404, "Not Found");
            } else if (found.get().owner().enter()) {
                Handling handling = knock(found.get(), path, head);
                if (!(handling instanceof Handling.Run)) {
                    found.get().owner().leave();
                }
                return handling;
            }
        }
    }

    private Handling knock(Routes.Entry entry, CanonicalPath path, RequestHead head) {
        boolean open = entry.route().door() instanceof Door.Open && !path.isAtOrBelow(CHANNELS);
        Caller caller = null;
        if (!open) {
            Optional<Caller> authenticated = authenticate(head);
            if (authenticated.isEmpty()) {
                return unauthorized();
            }
            caller = authenticated.get();
            if (entry.route().door() instanceof Door.Gateway(Scope scope) && !caller.holds(scope)) {
                return missingScope(scope);
            }
        }
        if (!entry.route().methods().contains(head.method())) {
            return Handling.Answer.text(405, "Method Not Allowed").with("Allow",
                    String.join(", ", entry.route().methods().stream().sorted().toList()));
        }
        return new Handling.Run(entry.route(), entry.owner(), path.path(), caller);
    }

    /// Whoever knows the shared secret is the owner; nothing else is accepted here yet.
    private Optional<Caller> authenticate(RequestHead head) {
        String header = head.header("Authorization").orElse("");
        boolean bearer = header.toLowerCase(Locale.ROOT).startsWith("bearer ");
        String secret = bearer ? header.substring(7).strip() : null;
        boolean accepted = !head.ingress().proxied()
                && authenticator.checkBearer(secret) instanceof Authenticator.Outcome.Accepted;
        return accepted ? Optional.of(new Caller("shared-secret", Role.OPERATOR, ALL, "http")) : Optional.empty();
    }

    private static boolean isRead(RequestHead head) {
        return head.method().equals("GET") || head.method().equals("HEAD");
    }

    private static Handling unauthorized() {
        return Handling.Answer.json(401, "{\"error\":{\"message\":\"Unauthorized\",\"type\":\"unauthorized\"}}");
    }

    private static Handling missingScope(Scope scope) {
        return Handling.Answer.json(403, "{\"ok\":false,\"error\":{\"type\":\"forbidden\",\"message\":\"missing scope: "
                + scope.name() + "\",\"details\":{\"code\":\"MISSING_SCOPE\",\"missingScope\":\"" + scope.name()
                + "\",\"requiredScopes\":[\"" + scope.name() + "\"]}}}");
    }
}
